package org.gatefold.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.layer.Context;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Many threads train models of their own, and several predict with one model. */
class ThreadsTest {
    private static final int THREADS = 4;

    private static float[] train(Device device, long seed) {
        try (Sequential model = TestModels.forecaster(device, seed);
                Context context = Context.training(device, seed)) {
            for (int step = 0; step < 5; step++) {
                TestModels.step(model, context, step, TestModels.sequences(4, 6, seed + step));
            }
            return model.parameters().values().toFloats();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"reference", "cpu"})
    void threadsTrainModelsOfTheirOwn(String name) throws Exception {
        ExecutorService pool = Executors.newFixedThreadPool(THREADS);
        try (Device device = Devices.named(name)) {
            CyclicBarrier start = new CyclicBarrier(THREADS);
            List<Future<float[]>> results = new ArrayList<>();
            for (int thread = 0; thread < THREADS; thread++) {
                long seed = thread;
                results.add(pool.submit(() -> {
                    start.await();
                    return train(device, seed);
                }));
            }
            for (int thread = 0; thread < THREADS; thread++) {
                assertThat(results.get(thread).get()).isEqualTo(train(device, thread));
            }
            assertThat(device.bytesInUse()).isZero();
        } finally {
            pool.shutdown();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"reference", "cpu"})
    void threadsPredictWithOneModel(String name) throws Exception {
        ExecutorService pool = Executors.newFixedThreadPool(THREADS);
        try (Device device = Devices.named(name);
                Sequential model = TestModels.forecaster(device, 3)) {
            float[][][][] batches = new float[6][][][];
            List<float[][]> expected = new ArrayList<>();
            for (int i = 0; i < batches.length; i++) {
                batches[i] = TestModels.sequences(1 + i, 5 + i, i);
                expected.add(model.predict(batches[i]));
            }
            CyclicBarrier start = new CyclicBarrier(THREADS);
            List<Future<?>> results = new ArrayList<>();
            for (int thread = 0; thread < THREADS; thread++) {
                boolean own = thread % 2 == 0;
                results.add(pool.submit(() -> {
                    start.await();
                    try (Predictor predictor = model.predictor()) {
                        for (int round = 0; round < 10; round++) {
                            for (int i = 0; i < batches.length; i++) {
                                float[][] y = own ? predictor.predict(batches[i]) : model.predict(batches[i]);
                                assertThat(y).isDeepEqualTo(expected.get(i));
                            }
                        }
                    }
                    return null;
                }));
            }
            for (Future<?> result : results) {
                result.get();
            }
        } finally {
            pool.shutdown();
        }
    }

    @Test
    void trainingTwiceGivesTheSameBits() {
        try (Device device = Devices.named("reference")) {
            float[] first = train(device, 7);
            assertThat(train(device, 7)).isEqualTo(first);
            assertThat(train(device, 8)).isNotEqualTo(first);
        }
    }
}
