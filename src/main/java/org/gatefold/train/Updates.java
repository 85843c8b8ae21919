package org.gatefold.train;

import java.util.function.Supplier;
import org.gatefold.data.Batches;
import org.gatefold.layer.Parameter;
import org.gatefold.tensor.Call;
import org.gatefold.train.checkpoint.TrainingState;
import org.gatefold.train.report.StepReport;
import org.gatefold.train.report.TrainingListener;

/**
 * The updates of a run, and what is told of them.
 *
 * <p>Where the device tells late what came of an update, the next one is submitted before that is heard, as if the first were made. If it
 * was not, because the loss scale was too large for its gradients, the device makes the next one neither: the run goes back to where it
 * stood, and makes it anew with the smaller scale. So all numbers are those of a run that waits for each update. Where passes leave
 * something behind that is not undone so, it does wait. One thread.
 */
final class Updates {
    private final Trainer trainer;
    private final TrainingState state;
    private final TrainingStep step;
    private final BatchUploads uploads;
    private final AveragedWeights average;
    private final boolean late;
    private Ahead ahead;
    private double weight;

    /** @param average null if there is none */
    Updates(Trainer trainer, TrainingState state, TrainingStep step, BatchUploads uploads, AveragedWeights average) {
        this.trainer = trainer;
        this.state = state;
        this.step = step;
        this.uploads = uploads;
        this.average = average;
        late = step.isLate() && canGoBack();
    }

    /** Whether an update can be made anew: its passes leave nothing behind but gradients, and nobody takes weights meanwhile. */
    private boolean canGoBack() {
        return !trainer.model.carriesStates()
                && trainer.model.parameters().list().stream().noneMatch(Parameter::isStatistic)
                && (trainer.average == null || trainer.average.byEpochs())
                && trainer.listeners.stream().noneMatch(TrainingListener::seesEachUpdate);
    }

    /** The weight of targets seen since the last call. */
    double takeWeight() {
        double taken = weight;
        weight = 0;
        return taken;
    }

    /**
     * An update that was submitted, and where the run stood before it.
     *
     * @param batches of the epoch
     * @param rows in it
     * @param steps valid ones in these rows
     * @param weight of what its loss is a mean over
     */
    private record Ahead(
            SubmittedUpdate update,
            long step,
            long passes,
            int batch,
            int batches,
            int rows,
            long steps,
            double weight,
            float learningRate) {}

    /** Submits an update, and hears of it, or of the one before while the device makes this one. */
    void update(Batches.Epoch pass, int to, float learningRate) {
        Ahead before = ahead;
        ahead = null;
        Ahead last = behind(before, () -> submit(pass, to, learningRate));
        state.step++;
        state.passes += to - state.batch;
        state.batch = to;
        if (!late) {
            settle(last);
            return;
        }
        if (before != null) {
            settle(before);
        }
        if (state.step < last.step()) {
            // It was void, and is to be made anew.
            state.passes = last.passes();
            state.batch = last.batch();
            return;
        }
        behind(last, () -> {
            uploads.ahead();
            return last;
        });
        ahead = last;
    }

    /** What comes behind an update that was submitted, if there is one; if it fails, that is heard of, as its failure is the cause. */
    private Ahead behind(Ahead before, Supplier<Ahead> work) {
        try {
            return work.get();
        } catch (RuntimeException e) {
            if (before != null) {
                try {
                    settle(before);
                } catch (RuntimeException earlier) {
                    earlier.addSuppressed(e);
                    throw earlier;
                }
            }
            throw e;
        }
    }

    private Ahead submit(Batches.Epoch pass, int to, float learningRate) {
        int rows = 0;
        long steps = 0;
        // Without what follows: listeners may take their time, and may use the model.
        Call call = Call.begin();
        try {
            step.begin();
            int end = Math.min(to, pass.count());
            for (int index = state.batch; index < end; index++) {
                BatchUploads.Uploaded batch = uploads.take(pass, index);
                rows += batch.rows();
                steps += batch.steps();
                step.accumulate(batch, state.passes + index - state.batch, index == end - 1);
                uploads.submitted();
                // The last one's successor goes where the batch before was, of which is heard first.
                if (!late || index < end - 1) {
                    uploads.ahead();
                }
            }
            SubmittedUpdate update = step.update(state.epoch, to - 1, state.step + 1, learningRate);
            return new Ahead(
                    update,
                    state.step,
                    state.passes,
                    state.batch,
                    pass.count(),
                    rows,
                    steps,
                    step.weight(),
                    learningRate);
        } catch (RuntimeException e) {
            step.abandon(e);
            throw e;
        } finally {
            call.end();
        }
    }

    /** Hears of the update that was submitted last, if that is still to be done. */
    void settle() {
        if (ahead != null) {
            Ahead last = ahead;
            ahead = null;
            settle(last);
        }
    }

    private void settle(Ahead settled) {
        SubmittedUpdate.Outcome outcome;
        Call call = Call.begin();
        try {
            outcome = step.settle(settled.update());
        } finally {
            call.end();
        }
        long after = settled.step() + (outcome.made() ? 1 : 0);
        if (!outcome.made()) {
            state.step = after;
        } else if (average != null) {
            average.updated(after);
        }
        state.epochLoss += outcome.loss() * settled.weight();
        state.epochWeight += settled.weight();
        weight += settled.weight();
        if (!trainer.listeners.isEmpty()) {
            StepReport report = new StepReport(
                    state.epoch,
                    settled.update().batch(),
                    settled.batches(),
                    after,
                    settled.rows(),
                    settled.steps(),
                    (float) outcome.loss(),
                    outcome.gradientNorm(),
                    settled.learningRate(),
                    settled.update().lossScale().value(),
                    !outcome.made());
            trainer.listeners.forEach(listener -> listener.stepped(report));
        }
    }
}
