package org.gatefold.model;

import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.gatefold.data.Batches;
import org.gatefold.data.Dataset;
import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.layer.basic.Linear;
import org.gatefold.layer.recurrent.Lstm;
import org.gatefold.simulator.SimulatedDevice;
import org.gatefold.train.Trainer;
import org.gatefold.train.loss.Loss;
import org.gatefold.train.optimizer.Sgd;

/**
 * Closes models, predictors and devices while two threads predict or train without a pause; a process of its own. Ends with
 * another code than 0 if a thread gets a wrong answer or anything but an IllegalStateException.
 */
final class CloseLoop {
    private static final int ROUNDS = 24;

    private CloseLoop() {}

    public static void main(String[] arguments) throws InterruptedException {
        String name = arguments[0];
        if (name.startsWith("cuda")) {
            SimulatedDevice.load();
        }
        for (int round = 0; round < ROUNDS; round++) {
            round(name, round);
        }
        System.out.println("closed " + ROUNDS + " times in use");
    }

    @SuppressWarnings("MustBeClosedChecker") // closed in any order
    private static void round(String name, int round) throws InterruptedException {
        Device device = Devices.named(name);
        Sequential model = Sequential.on(device)
                .seed(1)
                .add(Lstm.of(32).layers(2))
                .add(Linear.of(1))
                .build(1);
        Predictor predictor = model.predictor();
        float[][][] rows = new float[name.equals("cpu") ? 256 : 16][40][1];
        float[][] expected = model.predict(rows);
        boolean trains = round % 2 == 1;
        Runnable first = trains ? () -> fit(model, rows) : () -> requireEqual(expected, predictor.predict(rows));
        Runnable second = () -> {
            float[][] got = model.predict(rows);
            if (!trains) {
                requireEqual(expected, got);
            }
        };
        AtomicReference<Throwable> failure = new AtomicReference<>();
        CountDownLatch running = new CountDownLatch(2);
        Thread[] threads = {
            new Thread(() -> repeat(first, running, failure)), new Thread(() -> repeat(second, running, failure))
        };
        for (Thread thread : threads) {
            thread.start();
        }
        running.await();
        switch (round / 2 % 3) {
            case 0 -> model.close();
            case 1 -> {
                predictor.close();
                model.close();
            }
            default -> device.close();
        }
        for (Thread thread : threads) {
            thread.join();
        }
        device.close();
        if (failure.get() != null) {
            throw new AssertionError("round " + round, failure.get());
        }
    }

    private static void fit(Sequential model, float[][][] rows) {
        Trainer.of(model)
                .loss(Loss.mse())
                .optimizer(Sgd.of(1e-3f))
                .fit(Batches.of(Dataset.of(rows).withTargets(new float[rows.length][1]), rows.length / 2), 10_000);
    }

    private static void requireEqual(float[][] expected, float[][] got) {
        if (!Arrays.deepEquals(expected, got)) {
            throw new AssertionError("wrong answer " + Arrays.deepToString(got));
        }
    }

    /** Until it is refused because what it needs is closed. */
    private static void repeat(Runnable call, CountDownLatch running, AtomicReference<Throwable> failure) {
        running.countDown();
        try {
            while (true) {
                call.run();
            }
        } catch (IllegalStateException e) {
            if (!e.getMessage().contains("closed")) {
                failure.set(e);
            }
        } catch (RuntimeException | Error e) {
            failure.set(e);
        }
    }
}
