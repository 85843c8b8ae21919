package org.gatefold.recipe;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.gatefold.data.Batches;
import org.gatefold.data.Dataset;
import org.gatefold.model.Model;
import org.gatefold.train.Schedule;
import org.gatefold.train.Trainer;
import org.gatefold.train.loss.Loss;
import org.gatefold.train.metric.Metric;
import org.gatefold.train.optimizer.AdamW;
import org.gatefold.train.report.History;
import org.gatefold.train.report.TrainingListener;

/**
 * One training run as all recipes do it: AdamW, a learning rate that falls along a cosine, clipping by norm, and early
 * stopping where rows are held back for validation.
 *
 * <p>Used by one thread, except for {@link #stop()}.
 */
public final class ModelTraining {
    /** Rows of a batch where nothing is learnt. */
    private static final int VALIDATION_BATCH = 256;

    private final TrainingOptions options;
    private final List<TrainingListener> listeners = new ArrayList<>();
    private Path checkpoints;
    private boolean resume;
    private volatile Trainer trainer;
    private volatile boolean stopped;
    private History history;

    public ModelTraining(TrainingOptions options) {
        this.options = options;
    }

    public TrainingOptions options() {
        return options;
    }

    /** Adds one who is told how training goes. */
    public ModelTraining listener(TrainingListener listener) {
        listeners.add(listener);
        return this;
    }

    /** Saves into a directory after every epoch, and when stopped. */
    public ModelTraining checkpoints(Path directory) {
        checkpoints = directory;
        return this;
    }

    /** Goes on from the checkpoint in the directory. */
    public ModelTraining resume(boolean value) {
        resume = value;
        return this;
    }

    /**
     * Trains a model.
     *
     * @param validation rows held back; null for none
     */
    public History fit(Model model, Loss loss, Dataset training, Dataset validation, Metric... metrics) {
        Trainer created = Trainer.of(model)
                .loss(loss)
                .optimizer(AdamW.of(options.learningRate()).weightDecay(options.weightDecay()))
                .schedule(Schedule.cosine(options.epochs(), 0))
                .clipNorm(options.clipNorm())
                .seed(options.seed());
        listeners.forEach(created::listener);
        if (validation != null) {
            created.validate(Batches.of(validation, VALIDATION_BATCH), metrics).earlyStopping(options.patience());
        }
        if (checkpoints != null) {
            created.checkpoints(checkpoints).resume(resume);
        }
        trainer = created;
        if (stopped) {
            created.stop();
        }
        history = created.fit(Batches.of(training, options.batch()).shuffled(options.seed()), options.epochs());
        return history;
    }

    /** Asks training to end after the update it is at, with a checkpoint. May be called by any thread. */
    public void stop() {
        stopped = true;
        Trainer running = trainer;
        if (running != null) {
            running.stop();
        }
    }

    /** What training did; null before it ended. */
    public History history() {
        return history;
    }

    /** True if {@link #stop()} ended it before all epochs were done. */
    public boolean isInterrupted() {
        return history != null && history.end() == History.End.INTERRUPTED;
    }
}
