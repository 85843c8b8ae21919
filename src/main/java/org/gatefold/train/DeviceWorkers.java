package org.gatefold.train;

import java.util.ArrayList;
import java.util.List;
import org.gatefold.data.Batches;
import org.gatefold.device.Device;
import org.gatefold.model.Model;
import org.gatefold.train.parallel.CollectiveException;
import org.gatefold.train.parallel.LocalWorker;
import org.gatefold.train.report.History;

/**
 * A training run on several devices: a model on each, trained by a thread of its own on its part of every batch. The trainer's own model
 * is the first, and the thread that called trains it.
 *
 * <p>Owns the other models. One run.
 */
final class DeviceWorkers {
    private final Trainer trainer;
    private final Batches training;
    private final int epochs;
    private final List<Device> devices;
    private final List<Thread> threads = new ArrayList<>();
    private final Throwable[] failures;

    private DeviceWorkers(Trainer trainer, Batches training, int epochs) {
        this.trainer = trainer;
        this.training = training;
        this.epochs = epochs;
        this.devices = trainer.devices;
        this.failures = new Throwable[devices.size()];
    }

    /** Trains the trainer's model on all of its devices. */
    static History fit(Trainer trainer, Batches training, int epochs) {
        return new DeviceWorkers(trainer, training, epochs).run();
    }

    @SuppressWarnings("MustBeClosedChecker") // closed below
    private History run() {
        int size = devices.size();
        // Before a model is made.
        Batches first = training.share(0, size);
        List<LocalWorker> workers = LocalWorker.group(size);
        List<Model> models = new ArrayList<>();
        try {
            for (Device device : devices.subList(1, size)) {
                models.add(replica(device));
            }
            for (int rank = 1; rank < size; rank++) {
                begin(trainer.replica(models.get(rank - 1), workers.get(rank)), rank);
            }
            return history(workers.get(0), first);
        } finally {
            workers.get(0).close();
            threads.forEach(DeviceWorkers::await);
            models.forEach(Model::close);
        }
    }

    @SuppressWarnings("MustBeClosedChecker") // closed by run()
    private Model replica(Device device) {
        Model original = trainer.model;
        Model model = original.network()
                .on(device)
                .weights(values -> values.copyFrom(original.parameters()))
                .build();
        model.parameters().trainAs(original.parameters());
        return model;
    }

    private void begin(Trainer replica, int rank) {
        Thread thread = new Thread(
                () -> {
                    try {
                        replica.fit(training.share(rank, devices.size()), epochs);
                    } catch (Throwable e) {
                        failures[rank] = e;
                    } finally {
                        replica.workers.close();
                    }
                },
                "gatefold-train-" + rank + "-" + devices.get(rank).name());
        thread.setDaemon(true);
        threads.add(thread);
        thread.start();
    }

    private History history(LocalWorker worker, Batches first) {
        trainer.workers = worker;
        try {
            return trainer.fitAlone(first, epochs);
        } catch (CollectiveException e) {
            // That another failed is less than by what.
            threads.forEach(DeviceWorkers::await);
            for (Throwable failure : failures) {
                if (failure instanceof RuntimeException cause && !(cause instanceof CollectiveException)) {
                    cause.addSuppressed(e);
                    throw cause;
                } else if (failure instanceof Error cause) {
                    throw cause;
                }
            }
            throw e;
        } finally {
            trainer.workers = null;
        }
    }

    /** Waits for a thread that ends by itself; an interrupt is kept. */
    private static void await(Thread thread) {
        boolean interrupted = false;
        while (true) {
            try {
                thread.join();
                break;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
