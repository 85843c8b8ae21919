package org.gatefold.train;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.gatefold.data.Batches;
import org.gatefold.device.Device;
import org.gatefold.device.DeviceGroup;
import org.gatefold.exchange.CheckpointException;
import org.gatefold.model.Model;
import org.gatefold.op.Precision;
import org.gatefold.train.loss.Loss;
import org.gatefold.train.metric.Metric;
import org.gatefold.train.optimizer.GradientClip;
import org.gatefold.train.optimizer.GradientNoise;
import org.gatefold.train.optimizer.Optimizer;
import org.gatefold.train.optimizer.ParameterGroup;
import org.gatefold.train.parallel.Collective;
import org.gatefold.train.parallel.Compression;
import org.gatefold.train.report.History;
import org.gatefold.train.report.TrainingListener;

/**
 * What training shall be like, and its beginning: {@link #fit}.
 *
 * <p>Nothing is printed: whoever wants to see progress registers a {@link TrainingListener}. Many trainers may work at once
 * on models of their own; one trainer is used by one thread, except for {@link #stop()}. Owns no memory: that of a run is
 * taken from the model's device and given back when {@link #fit} ends.
 */
public final class Trainer {
    final Model model;
    final List<TrainingListener> listeners = new ArrayList<>();
    final Map<String, String> metadata = new LinkedHashMap<>();
    final Map<String, String> fingerprints = new LinkedHashMap<>();
    Loss loss;
    Optimizer optimizer;
    final List<ParameterGroup> groups = new ArrayList<>();
    GradientClip clip = GradientClip.NONE;
    GradientNoise noise = GradientNoise.NONE;
    Schedule schedule = Schedule.constant();
    Batches validation;
    List<Metric> metrics = List.of();
    Monitor monitor = Monitor.LOSS;
    EarlyStopping earlyStopping;
    WeightAverage average;
    Path directory;
    int checkpointEvery = 1;
    boolean resume;
    int accumulated = 1;
    LossScaling lossScaling;
    long seed;
    Collective workers;
    List<Device> devices = List.of();
    Compression compression = Compression.NONE;
    int averagingUpdates;
    private volatile boolean stopping;

    private Trainer(Model model) {
        this.model = model;
    }

    /** A trainer for a built model. */
    public static Trainer of(Model model) {
        return new Trainer(model);
    }

    /** What the output costs; required. */
    public Trainer loss(Loss value) {
        loss = value;
        return this;
    }

    /** How gradients become changes; required. */
    public Trainer optimizer(Optimizer value) {
        optimizer = value;
        return this;
    }

    /**
     * Trains some parameters with a learning rate and penalties of their own. A parameter may be in one group at most; {@link
     * #fit} refuses a group without members.
     */
    public Trainer group(ParameterGroup value) {
        groups.add(value);
        return this;
    }

    /** How gradients are limited; not at all by default. */
    public Trainer clip(GradientClip value) {
        clip = value;
        return this;
    }

    /** Scales all gradients together so that their norm is at most {@code maxNorm}. */
    public Trainer clipNorm(float maxNorm) {
        clip = new GradientClip(maxNorm, clip.maxValue());
        return this;
    }

    /** Limits every gradient to {@code -maxValue..maxValue}, before any clipping by norm. */
    public Trainer clipValue(float maxValue) {
        clip = new GradientClip(clip.maxNorm(), maxValue);
        return this;
    }

    /**
     * Adds noise to gradients after they are limited, and before penalties: to those that the update takes. It follows from {@link #seed}
     * and the number of the update, so that a resumed run has the same. Where an embedding is updated by rows, the rows at hand get noise.
     * None by default.
     */
    public Trainer gradientNoise(GradientNoise value) {
        noise = value;
        return this;
    }

    /** How the learning rate changes; constant by default. */
    public Trainer schedule(Schedule value) {
        schedule = value;
        return this;
    }

    /**
     * Measures the model after every epoch, without dropout. The loss on this set is what schedules and early stopping look
     * at, unless {@link #monitor} says otherwise; without it they look at the training loss.
     */
    public Trainer validate(Batches data, Metric... measured) {
        validation = data;
        metrics = List.of(measured);
        return this;
    }

    /**
     * Lets schedules and early stopping look at a metric in place of the loss, as Keras's {@code monitor} and {@code mode}. An epoch
     * where it is NaN is worse than all others; of epochs where it is equal the one with the lower loss is better.
     *
     * @param metric the name of one of those given to {@link #validate}
     */
    public Trainer monitor(String metric, boolean higherIsBetter) {
        monitor = new Monitor(metric, higherIsBetter);
        return this;
    }

    /** See {@link #earlyStopping(int, double)}; any improvement counts. */
    public Trainer earlyStopping(int patience) {
        return earlyStopping(patience, 0);
    }

    /**
     * Stops when the monitored loss, or metric, was not better than the best by more than {@code minImprovement} for {@code patience}
     * epochs. However training ends, except by an exception or {@link #stop()}, the model then has the weights of its best
     * epoch. Added to a run that is resumed, it begins with the last epoch before, the first whose weights it knows.
     */
    public Trainer earlyStopping(int patience, double minImprovement) {
        earlyStopping = new EarlyStopping(patience, minImprovement);
        return this;
    }

    /**
     * Averages the weights in the course of training. The model is validated by the average, early stopping keeps averages, and the model
     * holds the last one, or the best, when training ends, except by an exception or {@link #stop()}. Takes the memory of two more sets of
     * weights. Added to a run that is resumed, it begins there.
     */
    public Trainer average(WeightAverage value) {
        average = value;
        return this;
    }

    /** Adds one who is told how training goes. */
    public Trainer listener(TrainingListener listener) {
        listeners.add(listener);
        return this;
    }

    /**
     * Saves all that is needed to go on into a directory, after every epoch and when {@link #stop()} is called. A
     * checkpoint that is there already is replaced by the first one of this run.
     */
    public Trainer checkpoints(Path checkpointDirectory) {
        directory = checkpointDirectory;
        return this;
    }

    /** Saves only after every so many epochs, besides after the last one. */
    public Trainer checkpointEvery(int epochs) {
        requireAtLeast("epochs", 1, epochs);
        checkpointEvery = epochs;
        return this;
    }

    /**
     * Goes on from the checkpoint in the directory, bit for bit as if it had never stopped; from the start if there is none.
     * A run that had ended is left as it is.
     */
    public Trainer resume(boolean value) {
        resume = value;
        return this;
    }

    /**
     * Makes one update from the gradients of so many batches: that of the loss over all their target rows, as if they were
     * one batch.
     */
    public Trainer accumulate(int batches) {
        requireAtLeast("batches", 1, batches);
        accumulated = batches;
        return this;
    }

    /**
     * By what the loss is multiplied for the backward pass; by default {@link LossScaling#dynamic()} if any layer computes
     * in {@link Precision#F16}, and not at all otherwise.
     */
    public Trainer lossScaling(LossScaling value) {
        lossScaling = value;
        return this;
    }

    LossScaling lossScaling() {
        if (lossScaling != null) {
            return lossScaling;
        }
        return model.computesIn(Precision.F16) ? LossScaling.dynamic() : LossScaling.none();
    }

    /**
     * Trains with other workers, each of which has a model of the same description and first weights, the same settings, and batches of its
     * own. By default gradients are exchanged in every update, so that n workers with batches of b rows learn what one would learn from
     * batches of n · b: each batch counts by the weight of its targets, and a worker whose epoch is over waits for the others without
     * counting. Layers that look at a batch as a whole, as batch normalisation does, see the batch of their worker; running statistics
     * are averaged after every epoch.
     *
     * <p>Worker 0 alone validates, whatever data others have, and writes checkpoints; every worker reads one when it resumes, and
     * must find the same. Reports tell losses of all workers and rows of this one; {@link #stop} of any worker stops all. After training,
     * all have the same weights, and for a number of workers on machines of one kind the same bits, run after run.
     *
     * @param value stays the caller's; made anew for every run. When {@link #fit} fails here, it fails in all workers
     */
    public Trainer workers(Collective value) {
        workers = value;
        return this;
    }

    /**
     * Trains on several devices at once: each has a copy of the model, which learns from its part of every batch, and gradients are summed
     * over all in every update, from device to device where these reach each other. So the model learns, to rounding, what it would learn on
     * one device; for a number of devices of one kind the bits are the same, run after run. All that is said of {@link #workers} holds,
     * this model being that of worker 0, but that nothing has to be started.
     *
     * @param all the model's own device and others of its kind, each once; they stay the caller's
     * @throws IllegalArgumentException if they are not of one kind, one is there twice, or the model's own is not among them
     */
    public Trainer devices(List<Device> all) {
        DeviceGroup.require(all);
        if (!all.contains(model.device())) {
            throw new IllegalArgumentException(
                    "devices: expected that of the model, " + model.device().name() + ", among them, got "
                            + all.stream().map(Device::name).toList());
        }
        List<Device> ordered = new ArrayList<>(all);
        ordered.remove(model.device());
        ordered.add(0, model.device());
        devices = ordered;
        return this;
    }

    /**
     * Makes gradients smaller before {@link #workers} or {@link #devices} tell them each other in an update; not at all by default. What is
     * told so goes through the host, also between devices that reach each other.
     */
    public Trainer compression(Compression value) {
        compression = value;
        return this;
    }

    /** One that trains a copy of the model as this one does, together with it. */
    Trainer replica(Model copy, Collective together) {
        Trainer replica = Trainer.of(copy);
        replica.loss = loss;
        replica.optimizer = optimizer;
        replica.groups.addAll(groups);
        replica.clip = clip;
        replica.noise = noise;
        replica.schedule = schedule;
        replica.monitor = monitor;
        replica.earlyStopping = earlyStopping;
        replica.average = average;
        replica.directory = directory;
        replica.checkpointEvery = checkpointEvery;
        replica.resume = resume;
        replica.accumulated = accumulated;
        replica.lossScaling = lossScaling;
        replica.seed = seed;
        replica.averagingUpdates = averagingUpdates;
        replica.compression = compression;
        replica.fingerprints.putAll(fingerprints);
        replica.metadata.putAll(metadata);
        replica.workers = together;
        return replica;
    }

    /**
     * Lets each of the {@link #workers} make so many updates by itself before weights and optimiser states of all are averaged, each by the
     * weight of the targets it has seen since: local SGD (Stich, 2019), for slow networks. Averages are taken at the end of an epoch too. By
     * default gradients are exchanged instead, in every update.
     */
    public Trainer averageEvery(int updates) {
        requireAtLeast("updates", 1, updates);
        averagingUpdates = updates;
        return this;
    }

    /** The seed of dropout masks; 0 by default. */
    public Trainer seed(long value) {
        seed = value;
        return this;
    }

    /**
     * Says what the run depends on beside the model: a file of data, or how it was prepared. Checkpoints carry it, and a run
     * is not resumed with a source that has changed.
     *
     * @param source its name in messages, for instance that of the file
     * @param fingerprint differs if the source does: a hash, or a short text
     */
    public Trainer data(String source, String fingerprint) {
        require("source", source);
        require("fingerprint", fingerprint);
        fingerprints.put(source, fingerprint);
        return this;
    }

    /** Free text that checkpoints carry, for instance the scaling of the data. */
    public Trainer metadata(String key, String value) {
        metadata.put(key, value);
        return this;
    }

    /**
     * Trains.
     *
     * @param training the training data
     * @param epochs number of epochs altogether, those before a resume among them
     * @throws NotFiniteException if a loss or gradient is not finite; the weights are those after the last good update
     * @throws CheckpointException if a checkpoint cannot be written, or not be read or does not fit the model
     */
    public History fit(Batches training, int epochs) {
        if (devices.size() < 2) {
            return fitAlone(training, epochs);
        }
        if (workers != null) {
            throw new IllegalStateException("trainer: expected either workers or several devices, got both");
        }
        return DeviceWorkers.fit(this, training, epochs);
    }

    /** {@link #fit} of the trainer's own model, whoever else trains. */
    History fitAlone(Batches training, int epochs) {
        requireAtLeast("epochs", 1, epochs);
        requireComplete();
        if (averagingUpdates > 0 && lossScaling().backsOff()) {
            throw new IllegalStateException(
                    "trainer: workers that make updates by themselves have no loss scale in common;"
                            + " expected lossScaling(LossScaling.none()) or gradients that are exchanged");
        }
        if (averagingUpdates > 0 && average != null && !average.byEpochs()) {
            throw new IllegalStateException(
                    "trainer: weights of workers that make updates by themselves are averaged by epochs;"
                            + " expected an average by epochs, got " + average.description());
        }
        if (averagingUpdates > 0 && !compression.equals(Compression.NONE)) {
            throw new IllegalStateException("trainer: workers that make updates by themselves tell no gradients;"
                    + " expected compression(Compression.NONE), got " + compression);
        }
        if (resume && directory == null) {
            throw new IllegalStateException(
                    "trainer: resume needs a directory; call checkpoints(directory) before fit");
        }
        boolean validates = workers == null || workers.rank() == 0;
        if (validates
                && monitor.metric() != null
                && metrics.stream().noneMatch(metric -> metric.name().equals(monitor.metric()))) {
            throw new IllegalStateException("monitor: expected one of the metrics given to validate, "
                    + metrics.stream().map(Metric::name).toList() + ", got '" + monitor.metric() + "'");
        }
        model.requireIds(training.data());
        if (validation != null) {
            model.requireIds(validation.data());
        }
        try (TrainingRun run = new TrainingRun(this, training, epochs)) {
            return run.train();
        } catch (RuntimeException | Error e) {
            if (workers != null) {
                workers.abort("worker " + workers.rank() + " gave up: " + e.getMessage());
            }
            throw e;
        } finally {
            stopping = false;
        }
    }

    /**
     * Asks the current {@link #fit} to end after the update that was submitted last, saving a checkpoint if it has a directory; where
     * states are carried from batch to batch, at the end of the rows at hand. May be called by any thread. An interrupt of the
     * thread that trains asks for the same; it is still interrupted afterwards.
     */
    public void stop() {
        stopping = true;
    }

    /** For the thread that trains. */
    boolean isStopping() {
        return stopping || Thread.currentThread().isInterrupted();
    }

    void requireComplete() {
        requireOption("loss", loss);
        requireOption("optimizer", optimizer);
    }

    private static void requireOption(String option, Object value) {
        if (value == null) {
            throw new IllegalStateException("trainer: has no " + option + "; call " + option + "(...) before fit");
        }
    }

    private static void require(String argument, String value) {
        if (value == null) {
            throw new IllegalArgumentException(argument + ": expected a text, got null");
        }
    }

    private static void requireAtLeast(String argument, int least, int actual) {
        if (actual < least) {
            throw new IllegalArgumentException(argument + ": expected at least " + least + ", got " + actual);
        }
    }
}
