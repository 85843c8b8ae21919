package org.gatefold.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.gatefold.autograd.Variable;
import org.gatefold.data.Batches;
import org.gatefold.data.Column;
import org.gatefold.data.Dataset;
import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.layer.Context;
import org.gatefold.layer.Options;
import org.gatefold.layer.PassingLayer;
import org.gatefold.layer.basic.Linear;
import org.gatefold.layer.embedding.Embedding;
import org.gatefold.layer.embedding.TiedLinear;
import org.gatefold.layer.recurrent.Lstm;
import org.gatefold.model.Graph;
import org.gatefold.model.Model;
import org.gatefold.model.Network;
import org.gatefold.tensor.Form;
import org.gatefold.train.loss.Loss;
import org.gatefold.train.optimizer.Sgd;
import org.gatefold.train.parallel.Collective;
import org.gatefold.train.parallel.CollectiveException;
import org.gatefold.train.parallel.Wire;
import org.gatefold.train.parallel.Workers;
import org.gatefold.train.parallel.WrappedCollective;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Gradients that go from worker to worker while others are computed. */
class PartwiseSumTest {
    private static final int TOKENS = 4000;
    private static final int ROWS = 12;
    private static final int BATCH = 2;

    /** Tells what its workers have summed. */
    private static final class Watched implements WrappedCollective {
        private final Collective workers;
        private final List<Integer> sums = new ArrayList<>();
        private final CountDownLatch first = new CountDownLatch(1);

        Watched(Collective workers) {
            this.workers = workers;
        }

        @Override
        public Collective workers() {
            return workers;
        }

        @Override
        public void allReduce(float[] values, int count, Wire wire) {
            workers.allReduce(values, count, wire);
            sums.add(count);
            first.countDown();
        }
    }

    /** Passes values on; its way back is an action of the thread that runs it. */
    public static final class OnTheWayBack extends PassingLayer {
        private static final ThreadLocal<Runnable> ACTION = ThreadLocal.withInitial(() -> () -> {});

        /** As a model of a description makes it. */
        public static OnTheWayBack described(Options options) {
            return new OnTheWayBack();
        }

        @Override
        protected Variable apply(Context context, Variable x) {
            if (context.tape() != null) {
                context.tape().record(() -> ACTION.get().run());
            }
            return x;
        }
    }

    /**
     * Tables of both ends are one, and a layer between is applied twice, so that the gradients of a parameter come from several places:
     * parts of 131,072 numbers and more of two workers are the layers above, the layer between, and the table.
     */
    private static Network shared() {
        Graph.Builder graph = Graph.builder();
        Graph.Node x = graph.input(Dataset.INPUT, Form.tokens());
        Graph.Node table = graph.layer(Embedding.of(TOKENS, 50), x);
        Graph.Node h = graph.layer(new OnTheWayBack(), table);
        Linear between = Linear.of(50);
        h = graph.layer(between, graph.layer(Linear.of(2700), h));
        h = graph.layer(between, graph.layer(Linear.of(2700), h));
        h = graph.layer(Lstm.of(50).returnSequences(), h);
        h = graph.layer(Linear.of(2700), h);
        h = graph.layer(Linear.of(50), h);
        graph.output("y", graph.layer(TiedLinear.to("embedding"), h));
        return graph.build();
    }

    private static Dataset data(int worker, int workers) {
        Random random = new Random(5);
        int[][] inputs = IntStream.range(0, ROWS)
                .mapToObj(row -> random.ints(4, 0, TOKENS).toArray())
                .toArray(int[][]::new);
        Dataset all = Dataset.of(Column.tokens(Dataset.INPUT, inputs)).withStepLabels(inputs);
        return all.select(IntStream.range(0, ROWS)
                .filter(row -> row / BATCH % workers == worker)
                .toArray());
    }

    private static Trained train(Network network, Collective workers, Dataset data, int batch) {
        try (Device device = Devices.named("cpu");
                Model model = network.on(device).seed(2).build()) {
            Trainer trainer = Trainer.of(model).loss(Loss.crossEntropy()).optimizer(Sgd.of(0.5f));
            if (workers != null) {
                trainer.workers(workers);
            }
            return Trained.of(model, trainer.fit(Batches.of(data, batch), 2));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3})
    void gradientsOfSeveralPlacesAreSummedWhenAllAreThere(int workers) throws Exception {
        Trained expected = train(shared(), null, data(0, 1), workers * BATCH);
        List<Trained> actual = Workers.run(workers, with -> {
            Watched watched = new Watched(with);
            Trained trained = train(shared(), watched, data(with.rank(), workers), BATCH);
            assertThat(watched.sums.size()).as("several parts").isGreaterThan(2 * 2 * ROWS / BATCH / workers);
            return trained;
        });
        for (int i = 0; i < expected.weights().length; i++) {
            assertThat(actual.get(0).weights()[i]).as("weight %d", i).isCloseTo(expected.weights()[i], within(2e-5f));
        }
        assertThat(actual.get(1).weights()).isEqualTo(actual.get(0).weights());
    }

    /** The pass back waits for the sum of the layers above. */
    @Test
    void upperLayersAreSummedBeforeLowerOnesHaveGradients() throws Exception {
        List<Boolean> seen = Workers.run(2, with -> {
            Watched watched = new Watched(with);
            List<Boolean> summed = new ArrayList<>();
            OnTheWayBack.ACTION.set(() -> summed.add(within60Seconds(watched.first)));
            train(shared(), watched, data(with.rank(), 2).select(0, 1), BATCH);
            return summed.get(0);
        });
        assertThat(seen).containsExactly(true, true);
    }

    private static boolean within60Seconds(CountDownLatch latch) {
        try {
            return latch.await(60, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A worker that fails on the way back, with a sum under way, is heard of by the other. */
    @Test
    void failsInAllWhenOneFailsOnTheWayBack() throws Exception {
        List<Workers.Outcome<Trained>> outcomes = Workers.outcomes(2, Duration.ofSeconds(60), with -> {
            if (with.rank() == 1) {
                OnTheWayBack.ACTION.set(() -> {
                    throw new IllegalArgumentException("on the way back");
                });
            }
            return train(shared(), with, data(with.rank(), 2), BATCH);
        });
        assertThat(outcomes.get(1).failure()).hasMessageContaining("on the way back");
        assertThat(outcomes.get(0).failure()).isInstanceOf(CollectiveException.class);
    }
}
