package org.gatefold.train;

import com.google.errorprone.annotations.MustBeClosed;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.gatefold.data.Batches;
import org.gatefold.device.Scope;
import org.gatefold.exchange.CheckpointException;
import org.gatefold.exchange.NetworkJson;
import org.gatefold.exchange.Weights;
import org.gatefold.file.FileException;
import org.gatefold.file.JsonFields;
import org.gatefold.file.Safetensors;
import org.gatefold.layer.ParameterStore;
import org.gatefold.tensor.Tensor;
import org.gatefold.train.checkpoint.Checkpoint;
import org.gatefold.train.checkpoint.TrainingState;
import org.gatefold.train.report.EpochReport;
import org.gatefold.train.report.History;
import org.gatefold.train.report.TrainingListener;

/**
 * One call of {@link Trainer#fit}: epochs, validation, early stopping, checkpoints.
 *
 * <p>Owns the memory of the run; closed when it ends. One thread.
 */
final class TrainingRun implements AutoCloseable {
    /** Before the number of a worker, in the names of what it has left out of its gradients. */
    private static final String LEFT_OUT = "left out.";

    private final Trainer trainer;
    private final Batches training;
    private final int epochs;
    private final ParameterStore parameters;
    private final Scope scope;
    private final TrainingStep step;
    private final BatchUploads uploads;
    private final Evaluator evaluator;
    private final Checkpoint checkpoint;
    private final BestWeights best;
    private final AveragedWeights average;
    private final List<EpochReport> reports = new ArrayList<>();
    private final List<Double> monitored = new ArrayList<>();
    private final List<Double> monitoredView = Collections.unmodifiableList(monitored);
    private final TrainingState state = new TrainingState();
    private final Replicas replicas;
    private final Updates run;
    private boolean stoppedEarly;

    @MustBeClosed
    @SuppressWarnings("MustBeClosedChecker") // the fields are closed by close()
    TrainingRun(Trainer trainer, Batches training, int epochs) {
        this.trainer = trainer;
        this.training = trainer.model.carriesStates() ? training.continued() : training;
        this.epochs = epochs;
        parameters = trainer.model.parameters();
        checkpoint = trainer.directory == null ? null : new Checkpoint(trainer.directory);
        if (checkpoint != null) {
            state.model = NetworkJson.writeReadable(
                    "checkpoint " + trainer.directory, trainer.model.network().description());
        }
        state.optimizer = trainer.optimizer.rule().toString();
        state.loss = trainer.loss.description();
        state.schedule = trainer.schedule.toString();
        state.average = trainer.average == null ? null : trainer.average.description();
        state.data = this.training.description();
        state.seed = trainer.seed;
        state.fingerprints.putAll(trainer.fingerprints);
        state.metadata.putAll(trainer.metadata);
        TrainingState saved = trainer.resume && Checkpoint.exists(trainer.directory) ? checkpoint.state() : null;
        replicas = Replicas.of(trainer);
        if (replicas != null) {
            state.data = replicas.agree(settings(saved), state.data);
        }
        if (saved != null) {
            adopt(saved);
        }
        scope = trainer.model.device().openScope("trainer");
        TrainingStep opened = null;
        BatchUploads openedUploads = null;
        try {
            opened = new TrainingStep(trainer, scope, state.seed, replicas);
            step = opened;
            best = trainer.earlyStopping == null ? null : new BestWeights(trainer.earlyStopping, parameters, scope);
            average = trainer.average == null
                    ? null
                    : new AveragedWeights(
                            trainer.average,
                            parameters,
                            scope,
                            () -> BatchStatistics.recompute(trainer.model, this.training));
            if (saved != null) {
                restore(saved);
            }
            if (replicas != null) {
                replicas.requireSameWeights();
            }
            openedUploads = new BatchUploads(trainer.model.device(), trainer.loss);
            uploads = openedUploads;
            run = new Updates(trainer, state, step, uploads, average);
            evaluator = trainer.validation == null || !first()
                    ? null
                    : new Evaluator(trainer.model, trainer.loss, trainer.metrics);
        } catch (RuntimeException e) {
            if (openedUploads != null) {
                openedUploads.close();
            }
            if (opened != null) {
                opened.close();
            }
            scope.close();
            throw e;
        }
    }

    /** What workers must have in common. */
    private Map<String, String> settings(TrainingState saved) {
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put(
                "model",
                trainer.model.parameters().list().stream().map(String::valueOf).toList() + "");
        settings.put("loss", state.loss);
        settings.put("optimizer", trainer.optimizer + "");
        settings.put("gradient clip", trainer.clip + "");
        settings.put("gradient noise", trainer.noise + "");
        settings.put("average of weights", state.average + "");
        settings.put("early stopping", trainer.earlyStopping + "");
        settings.put("number of epochs", epochs + "");
        settings.put("number of batches accumulated", trainer.accumulated + "");
        settings.put("number of updates between averages", trainer.averagingUpdates + "");
        settings.put(
                "compression of gradients",
                // What is left out is gathered for every checkpoint.
                trainer.compression
                        + (trainer.compression.remembers()
                                ? ", a checkpoint every " + trainer.checkpointEvery + " epochs"
                                : ""));
        settings.put("loss scaling", trainer.lossScaling() + "");
        settings.put("seed", trainer.seed + "");
        settings.put(
                "checkpoint",
                saved == null
                        ? "none"
                        : "after " + saved.step + " updates, in epoch " + saved.epoch + ", batch " + saved.batch);
        return settings;
    }

    private boolean first() {
        return replicas == null || replicas.first();
    }

    /** Batches of an epoch: of the worker that has most. */
    private int count(Batches.Epoch pass) {
        return replicas == null ? pass.count() : replicas.most(pass.count());
    }

    /** Takes the position of a saved run over. */
    private void adopt(TrainingState saved) {
        String where = "checkpoint " + trainer.directory;
        if (!state.optimizer.equals(saved.optimizer)) {
            throw new CheckpointException(
                    where + ": expected optimiser " + state.optimizer + ", got " + saved.optimizer);
        }
        if (saved.loss != null && !state.loss.equals(saved.loss)) {
            throw new CheckpointException(where + ": expected loss " + state.loss + ", got " + saved.loss);
        }
        if (saved.average != null && !saved.average.equals(state.average)) {
            throw new CheckpointException(
                    where + ": expected an average of weights that is " + state.average + ", got " + saved.average);
        }
        if (saved.batch > 0 && !state.data.equals(saved.data)) {
            throw new CheckpointException(where + ": was taken within an epoch of other batches: expected " + state.data
                    + ", got " + saved.data);
        }
        requireSameData(where, saved);
        int batches = count(training.epoch(saved.epoch));
        if (saved.batch >= batches) {
            throw new CheckpointException(
                    where, "batch", "expected one of the " + batches + " of an epoch, got " + saved.batch, null);
        }
        state.seed = saved.seed;
        state.step = saved.step;
        state.passes = saved.passes;
        state.epoch = saved.epoch;
        state.batch = saved.batch;
        // That of all workers; where each counts its own, the first one goes on with it.
        if (first() || exchanges()) {
            state.epochLoss = saved.epochLoss;
            state.epochWeight = saved.epochWeight;
        }
        state.epochNanos = saved.epochNanos;
        saved.metadata.forEach(state.metadata::putIfAbsent);
        saved.epochs.forEach(this::add);
    }

    private void requireSameData(String where, TrainingState saved) {
        saved.fingerprints.forEach((source, fingerprint) -> {
            String ours = state.fingerprints.get(source);
            if (!fingerprint.equals(ours)) {
                throw new CheckpointException(where + ": '" + source + "' is not what the run began with: expected "
                        + fingerprint + ", got " + (ours == null ? "none" : ours)
                        + "; bring it back, or begin a new run");
            }
        });
    }

    private void restore(TrainingState saved) {
        String where = "checkpoint " + trainer.directory;
        try (Safetensors file = Safetensors.open(checkpoint.weights(saved))) {
            Weights.requireSameModel(where, trainer.model, JsonFields.of(where, saved.model), file, "model.");
            List<Tensor> states = step.optimizerStates();
            for (int i = 0; i < states.size(); i++) {
                Weights.restore(file, "optimizer." + i + ".", parameters, states.get(i));
            }
            if (best != null) {
                best.restore(file, saved.earlyStoppingFrom);
            }
            if (average != null) {
                average.restore(file, saved.averaged);
            }
            if (step.gradientSum() != null && trainer.compression.remembers()) {
                String mine = LEFT_OUT + replicas.rank() + ".";
                // A worker that is new has left out nothing.
                if (file.contains(mine + parameters.list().get(0).name())) {
                    step.gradientSum().restore(Weights.read(file, mine, parameters));
                }
            }
            step.lossScale().restore(saved.lossScale, saved.updatesAtLossScale, saved.skipped);
            Weights.restore(file, "model.", parameters, parameters.values());
            parameters.changed();
            if (best != null) {
                averaging(() -> best.begin(reports.size(), state.batch > 0));
            }
        } catch (CheckpointException e) {
            throw e;
        } catch (FileException e) {
            throw new CheckpointException(where + ": cannot be read: " + e.problem(), e);
        } catch (IOException e) {
            throw new CheckpointException(where + ": cannot be read: " + FileException.reason(e), e);
        }
    }

    History train() {
        History.End end = History.End.FINISHED;
        stoppedEarly = best != null && best.stop(monitored);
        if (state.epoch < epochs && !stoppedEarly) {
            tell(listener -> listener.started(
                    state.epoch, epochs, training.epoch(state.epoch).count()));
        }
        while (state.epoch < epochs && !stoppedEarly) {
            if (!trainEpoch()) {
                end = History.End.INTERRUPTED;
                break;
            }
        }
        if (stoppedEarly) {
            end = History.End.STOPPED_EARLY;
        }
        if (end != History.End.INTERRUPTED && average != null) {
            average.install();
        }
        if (end != History.End.INTERRUPTED && best != null) {
            best.giveBack();
        }
        if (replicas != null) {
            replicas.settle();
        }
        History history = new History(reports, EarlyStopping.best(monitored, 0), end);
        tell(listener -> listener.ended(history));
        return history;
    }

    /** Trains to the end of the current epoch; false if it was asked to stop before. */
    private boolean trainEpoch() {
        long start = System.nanoTime() - state.epochNanos;
        Batches.Epoch pass = training.epoch(state.epoch);
        int batches = count(pass);
        int updates = (batches + trainer.accumulated - 1) / trainer.accumulated;
        float learningRate = 0f;
        while (state.batch < batches) {
            int number = state.batch / trainer.accumulated;
            Schedule.Moment moment = new Schedule.Moment(state.epoch, number, updates, monitoredView);
            learningRate = (float) (trainer.optimizer.learningRate() * trainer.schedule.factor(moment));
            int to = Math.min(batches, state.batch + trainer.accumulated);
            if (replicas != null) {
                replicas.say(trainer.isStopping(), !pass.continues(to));
            }
            if (state.batch < pass.count() || exchanges()) {
                run.update(pass, to, learningRate);
            } else {
                state.passes += to - state.batch;
                state.batch = to;
            }
            if (state.batch == batches) {
                run.settle();
            }
            if (replicas != null && replicas.averages() && (to == batches || replicas.averagesAfter(number + 1))) {
                average();
            }
            if (stops(pass)) {
                run.settle();
                state.epochNanos = System.nanoTime() - start;
                if (state.batch < batches) {
                    shareEpoch();
                    save();
                    return false;
                }
            }
        }
        finishEpoch(start, learningRate);
        return !stopAsked() || stoppedEarly || state.epoch == epochs;
    }

    /** Whether an update is made by all replicas together. */
    private boolean exchanges() {
        return replicas != null && !replicas.averages();
    }

    /** Whether training ends with the batch that was the last one. */
    private boolean stops(Batches.Epoch pass) {
        return replicas == null ? trainer.isStopping() && !pass.continues(state.batch) : replicas.stops();
    }

    private boolean stopAsked() {
        return replicas == null ? trainer.isStopping() : replicas.stopAsked();
    }

    /** Averages what replicas have made of the weights, each by itself. */
    private void average() {
        List<Tensor> flats = new ArrayList<>(step.optimizerStates());
        flats.add(parameters.values());
        state.step = replicas.average(flats, run.takeWeight(), state.step);
    }

    /** Makes the losses of an epoch those of all replicas, where each has counted its own. */
    private void shareEpoch() {
        if (replicas != null && replicas.averages()) {
            Replicas.Share all = replicas.add(new Replicas.Share(state.epochWeight, state.epochLoss));
            state.epochLoss = all.sum();
            state.epochWeight = all.weight();
        }
    }

    private void finishEpoch(long start, float learningRate) {
        shareEpoch();
        if (replicas != null) {
            replicas.settle();
        }
        if (average != null) {
            average.epochEnded(state.epoch);
        }
        double trainingLoss = state.epochWeight > 0 ? state.epochLoss / state.epochWeight : 0;
        Double validationLoss = null;
        Map<String, Double> metrics = Map.of();
        Evaluation evaluation = evaluate();
        if (evaluation != null) {
            validationLoss = evaluation.loss();
            metrics = evaluation.metrics();
            if (!Double.isFinite(validationLoss)) {
                throw new NotFiniteException(
                        "validation loss is " + validationLoss + " after epoch " + state.epoch + ", step " + state.step,
                        state.step,
                        "");
            }
        }
        EpochReport report = new EpochReport(
                state.epoch,
                state.step,
                trainingLoss,
                validationLoss,
                metrics,
                learningRate,
                step.lossScale().value(),
                step.lossScale().skipped(),
                Duration.ofNanos(System.nanoTime() - start));
        add(report);
        if (best != null) {
            averaging(() -> best.epochEnded(monitored));
        }
        state.epoch++;
        state.batch = 0;
        state.epochLoss = 0;
        state.epochWeight = 0;
        state.epochNanos = 0;
        stoppedEarly = best != null && best.stop(monitored);
        boolean last = state.epoch == epochs || stoppedEarly || stopAsked();
        if (last || state.epoch % trainer.checkpointEvery == 0) {
            save();
        }
        tell(listener -> listener.epochEnded(report));
    }

    /** What the model does on the validation data, by the first worker; null without them. */
    private Evaluation evaluate() {
        Supplier<Evaluation> measure = evaluator == null ? null : this::measure;
        if (replicas != null) {
            return replicas.evaluate(measure);
        }
        return measure == null ? null : measure.get();
    }

    private Evaluation measure() {
        Evaluation[] evaluation = new Evaluation[1];
        averaging(() -> evaluation[0] = evaluator.run(trainer.validation));
        return evaluation[0];
    }

    /** While the model holds the average of its weights, if there is one. */
    private void averaging(Runnable work) {
        if (average == null) {
            work.run();
        } else {
            average.during(work);
        }
    }

    private void add(EpochReport report) {
        int last = EarlyStopping.best(monitored, 0);
        double value = trainer.monitor.of(report);
        // Of epochs with equal metrics the one with the lower loss is better, by as little as there is.
        boolean better = last >= 0
                && value == trainer.monitor.of(reports.get(last))
                && report.monitored() < reports.get(last).monitored();
        reports.add(report);
        monitored.add(better ? Math.nextDown(monitored.get(last)) : value);
    }

    private void save() {
        List<float[]> leftOut =
                step.gradientSum() == null ? List.of() : step.gradientSum().leftOut();
        if (checkpoint == null || !first()) {
            return;
        }
        state.averaged = average == null ? 0 : average.averaged();
        state.lossScale = step.lossScale().value();
        state.updatesAtLossScale = step.lossScale().updates();
        state.skipped = step.lossScale().skipped();
        state.earlyStoppingFrom = best == null ? 0 : best.from();
        state.epochs = List.copyOf(reports);
        Weights.Entries entries = new Weights.Entries(parameters).add("model.", parameters.values());
        List<Tensor> states = step.optimizerStates();
        for (int i = 0; i < states.size(); i++) {
            entries.add("optimizer." + i + ".", states.get(i));
        }
        for (int worker = 0; worker < leftOut.size(); worker++) {
            entries.add(LEFT_OUT + worker + ".", leftOut.get(worker));
        }
        if (best != null) {
            best.save(entries);
        }
        if (average != null) {
            average.save(entries);
        }
        checkpoint.save(state, entries.list());
    }

    private void tell(Consumer<TrainingListener> event) {
        trainer.listeners.forEach(event);
    }

    @Override
    @SuppressWarnings("try") // closed, and no more
    public void close() {
        try (scope;
                step;
                uploads) {
            if (evaluator != null) {
                evaluator.close();
            }
        }
    }
}
