package org.gatefold.train;

import java.util.ArrayList;
import java.util.List;
import org.gatefold.data.Batches;
import org.gatefold.device.Scope;
import org.gatefold.layer.ParameterStore;
import org.gatefold.op.Arguments;
import org.gatefold.tensor.Call;
import org.gatefold.tensor.Tensor;

/**
 * Finds a learning rate by a range test (Smith 2017): trains with rates that grow from update to update by a constant factor, and looks
 * where the loss falls fastest; fastai's and Lightning's {@code lr_find}.
 *
 * <p>Trains with a trainer's model, loss, optimiser, groups, clipping, accumulation and loss scaling, with states of the optimiser of its
 * own. Afterwards the parameters have the values that they had before, however it ends. Used by one thread, while no other uses the model.
 */
public final class RateFinder {
    /** Rates at the beginning, where the smoothed loss is of few updates, and at the end, that are not suggested, as in Lightning. */
    private static final int SKIPPED_FIRST = 10;

    private static final int SKIPPED_LAST = 1;

    private final Trainer trainer;
    private double from = 1e-7;
    private double to = 10;
    private int updates = 100;
    private double smoothing = 0.98;
    private double divergence = 4;

    /**
     * An update of a test.
     *
     * @param rate of learning
     * @param loss before the change
     * @param smoothed the exponential mean of losses up to this one, without the bias of its start
     */
    public record Point(double rate, double loss, double smoothed) {}

    /**
     * What a test found.
     *
     * @param points the updates that were made, their rates growing
     * @param diverged whether the test ended early, because the loss grew too large or something was not finite
     * @param suggestion the rate at which the smoothed loss falls fastest with the logarithm of the rate; NaN if it falls nowhere
     */
    public record Result(List<Point> points, boolean diverged, double suggestion) {
        public Result {
            points = List.copyOf(points);
        }
    }

    private RateFinder(Trainer trainer) {
        this.trainer = trainer;
    }

    /** A finder for what a trainer is to do. */
    public static RateFinder of(Trainer trainer) {
        return new RateFinder(trainer);
    }

    /** The first and the last rate; 1e-7 and 10 by default. */
    public RateFinder between(double first, double last) {
        if (!(first > 0 && last > first && last < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException(
                    "between: expected 0 < first < last, both finite, got " + first + " and " + last);
        }
        from = first;
        to = last;
        return this;
    }

    /** How many updates are made from the first to the last rate; 100 by default. */
    public RateFinder updates(int count) {
        updates = Arguments.requireAtLeast("count", 2, count);
        return this;
    }

    /** What the mean of losses before counts beside a new one; 0.98 by default. */
    public RateFinder smoothing(double share) {
        if (!(share >= 0 && share < 1)) {
            throw new IllegalArgumentException("share: expected 0 <= share < 1, got " + share);
        }
        smoothing = share;
        return this;
    }

    /** Ends when the smoothed loss is so many times its least value; 4 by default. */
    public RateFinder divergence(double factor) {
        if (!(factor > 1)) {
            throw new IllegalArgumentException("factor: expected more than 1, got " + factor);
        }
        divergence = factor;
        return this;
    }

    /**
     * Runs the test over a set, again and again if it has fewer batches.
     *
     * @throws IllegalStateException if the trainer has no loss or no optimiser
     */
    public Result find(Batches training) {
        trainer.requireComplete();
        trainer.model.requireIds(training.data());
        ParameterStore parameters = trainer.model.parameters();
        try (Scope scope = trainer.model.device().openScope("rate finder")) {
            Tensor before = scope.f32("weights", parameters.values().shape());
            before.copyFrom(parameters.values());
            try (TrainingStep step = new TrainingStep(trainer, scope, trainer.seed, null);
                    BatchUploads uploads = new BatchUploads(trainer.model.device(), trainer.loss)) {
                return test(step, uploads, trainer.model.carriesStates() ? training.continued() : training);
            } finally {
                parameters.values().copyFrom(before);
                parameters.changed();
            }
        }
    }

    private Result test(TrainingStep step, BatchUploads uploads, Batches training) {
        List<Point> points = new ArrayList<>();
        double mean = 0;
        double least = Double.POSITIVE_INFINITY;
        boolean diverged = false;
        Updates run = new Updates(step, uploads, training);
        for (int i = 0; i < updates && !diverged; i++) {
            double rate = from * Math.pow(to / from, i / (updates - 1.0));
            int number = points.size() + 1;
            double loss;
            try {
                SubmittedUpdate.Outcome update = run.next(number, (float) rate);
                if (!update.made()) {
                    continue; // a loss scale was too large, and is smaller now
                }
                loss = update.loss();
            } catch (NotFiniteException e) {
                diverged = true;
                continue;
            }
            mean = smoothing * mean + (1 - smoothing) * loss;
            double smoothed = mean / (1 - Math.pow(smoothing, (double) number));
            points.add(new Point(rate, loss, smoothed));
            least = Math.min(least, smoothed);
            diverged = number > 1 && smoothed > divergence * least;
        }
        return new Result(points, diverged, steepest(points));
    }

    /** The updates of a test, one after the other, through as many epochs as it takes. */
    private final class Updates {
        private final TrainingStep step;
        private final BatchUploads uploads;
        private final Batches training;
        private Batches.Epoch pass;
        private int epoch;
        private int batch;
        private long passes;

        Updates(TrainingStep step, BatchUploads uploads, Batches training) {
            this.step = step;
            this.uploads = uploads;
            this.training = training;
            this.pass = training.epoch(0);
        }

        /** Makes an update, unless its gradients are too large for the loss scale. */
        SubmittedUpdate.Outcome next(long number, float rate) {
            if (batch >= pass.count()) {
                pass = training.epoch(++epoch);
                batch = 0;
            }
            int end = Math.min(pass.count(), batch + trainer.accumulated);
            Call call = Call.begin();
            try {
                step.begin();
                for (; batch < end; batch++) {
                    step.accumulate(uploads.take(pass, batch), passes++, batch == end - 1);
                    uploads.submitted();
                    uploads.ahead();
                }
                return step.settle(step.update(epoch, end - 1, number, rate));
            } finally {
                call.end();
            }
        }
    }

    /** Rates are equally far apart on a logarithmic scale, so that differences of losses are slopes. */
    private static double steepest(List<Point> points) {
        boolean enough = points.size() > SKIPPED_FIRST + SKIPPED_LAST + 1;
        int first = enough ? SKIPPED_FIRST : 0;
        int end = points.size() - (enough ? SKIPPED_LAST : 0);
        double steepest = 0;
        double rate = Double.NaN;
        for (int i = first; i + 1 < end; i++) {
            double slope = points.get(i + 1).smoothed() - points.get(i).smoothed();
            if (slope < steepest) {
                steepest = slope;
                rate = points.get(i).rate();
            }
        }
        return rate;
    }
}
