package org.gatefold.train.parallel;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.gatefold.autograd.Variable;
import org.gatefold.data.Dataset;
import org.gatefold.layer.Context;
import org.gatefold.layer.Layer;
import org.gatefold.layer.basic.Linear;
import org.gatefold.layer.embedding.Embedding;
import org.gatefold.layer.recurrent.Lstm;
import org.gatefold.model.Module;
import org.gatefold.model.Modules;
import org.gatefold.model.Network;
import org.gatefold.tensor.Form;

/**
 * Prints what an update of two workers takes when gradients are summed behind the backward pass, and when those of upper layers are
 * summed while it goes through lower ones, in turns: the shortest of many. Every sum takes as long as on a network of so many megabytes a
 * second, during which its thread sleeps. Arguments: megabytes a second (125 by default, a gigabit), rounds, and updates of a round.
 */
public final class OverlapSpeed {
    private OverlapSpeed() {}

    /** Layers one after the other, by a forward pass of its own, which does not tell what its way back has finished with. */
    private static final class Chain extends Module {
        Chain() {
            Form form = input(Dataset.INPUT, Form.tokens());
            for (Layer layer : layersOfChain()) {
                form = layer(layer, form).output();
            }
            output("y", form);
        }

        @Override
        protected Map<String, Variable> forward(Context context, Map<String, Variable> inputs) {
            Variable x = inputs.get(Dataset.INPUT);
            for (Layer layer : layers().values()) {
                x = layer.forward(context, x);
            }
            return Map.of("y", x);
        }

        @Override
        public String type() {
            return "Chain";
        }
    }

    private static List<Layer> layersOfChain() {
        return List.of(
                Embedding.of(WorkerSpeed.CHARACTERS, 64),
                Lstm.of(256).returnSequences(),
                Lstm.of(256).returnSequences(),
                Linear.of(WorkerSpeed.CHARACTERS));
    }

    /** A ring whose sums take at least as long as on a slower network. */
    private record Slow(Collective workers, double bytesPerNano) implements WrappedCollective {
        @Override
        public void allReduce(float[] values, int count, Wire wire) {
            long start = System.nanoTime();
            workers.allReduce(values, count, wire);
            long nanos = (long) (2.0 * (size() - 1) / size() * count * wire.bytes() / bytesPerNano);
            for (long left = nanos; left > 0; left = nanos - (System.nanoTime() - start)) {
                LockSupport.parkNanos(left);
            }
        }
    }

    public static void main(String[] arguments) throws Exception {
        double megabytes = arguments.length > 0 ? Double.parseDouble(arguments[0]) : 125;
        int rounds = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 5;
        int updates = arguments.length > 2 ? Integer.parseInt(arguments[2]) : 6;
        Modules.register("Chain", options -> new Chain());
        Network.Builder layers = Network.sequential(Form.tokens());
        layersOfChain().forEach(layers::add);
        WorkerSpeed.Job beside = WorkerSpeed.characters("beside the pass", layers.build(), 32, 64, updates);
        WorkerSpeed.Job behind = WorkerSpeed.characters("behind it", Network.of(Chain::new), 32, 64, updates);
        for (double rate : new double[] {megabytes, Double.POSITIVE_INFINITY}) {
            double alone = Double.MAX_VALUE;
            double besides = Double.MAX_VALUE;
            double behinds = Double.MAX_VALUE;
            for (int round = 0; round < rounds; round++) {
                alone = Math.min(alone, WorkerSpeed.shortest(beside, null).clock());
                behinds = Math.min(behinds, update(behind, rate));
                besides = Math.min(besides, update(beside, rate));
            }
            System.out.printf(
                    Locale.ROOT,
                    "%.0f MB/s: an update of one worker %.1f ms, of two with gradients summed behind the pass %.1f ms,"
                            + " beside it %.1f ms%n",
                    rate,
                    alone,
                    behinds,
                    besides);
        }
    }

    private static double update(WorkerSpeed.Job job, double megabytes) throws Exception {
        return Workers.run(2, workers -> WorkerSpeed.shortest(job, new Slow(workers, megabytes / 1000))).stream()
                .mapToDouble(WorkerSpeed.Time::clock)
                .max()
                .orElseThrow();
    }
}
