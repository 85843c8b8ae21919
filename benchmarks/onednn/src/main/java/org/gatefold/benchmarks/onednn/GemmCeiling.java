package org.gatefold.benchmarks.onednn;

import java.util.Optional;
import java.util.SplittableRandom;
import org.bytedeco.dnnl.IntMemoryMap;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.dnnl.matmul;
import org.bytedeco.dnnl.memory;
import org.gatefold.benchmarks.contract.Contestant;
import org.gatefold.benchmarks.contract.LayerShape;
import org.gatefold.benchmarks.contract.Pass;
import org.gatefold.benchmarks.contract.PreparedPass;
import org.gatefold.benchmarks.contract.Results;
import org.gatefold.benchmarks.contract.Workload;

/**
 * No LSTM but what bounds one: an f32 matrix product of {@link #SIZE}³ with packed weights, the same for every shape and
 * pass. Thread count as in {@link OneDnn}.
 */
public final class GemmCeiling implements Contestant {
    public static final int SIZE = 2048;
    private static final int CHECKED_ELEMENTS = 64;

    @Override
    public String version() {
        return new OneDnn().version();
    }

    @Override
    public Optional<String> declines(LayerShape shape, Pass pass) {
        return Optional.empty();
    }

    @Override
    public PreparedPass prepare(Workload workload, Pass pass, int threads) {
        Engine engine = new Engine();
        SplittableRandom random = new SplittableRandom(1);
        float[] a = uniform(random);
        float[] b = uniform(random);
        memory.desc plain = engine.dense(memory.data_type.f32, memory.format_tag.ab, SIZE, SIZE);
        matmul.primitive_desc productDesc = engine.own(new matmul.primitive_desc(
                engine.cpu(),
                plain,
                engine.dense(memory.data_type.f32, memory.format_tag.any, SIZE, SIZE),
                plain,
                engine.callersScratch(),
                false));
        matmul product = engine.own(new matmul(productDesc));
        memory c = engine.allocate(plain);
        IntMemoryMap arguments = engine.own(new IntMemoryMap());
        arguments.put(dnnl.DNNL_ARG_SRC, engine.upload(a, plain, plain));
        arguments.put(dnnl.DNNL_ARG_WEIGHTS, engine.upload(b, plain, engine.own(productDesc.weights_desc())));
        arguments.put(dnnl.DNNL_ARG_DST, c);
        arguments.put(dnnl.DNNL_ARG_SCRATCHPAD, engine.scratch(productDesc));
        return new PreparedPass() {
            @Override
            public void run() {
                engine.execute(product, arguments);
                engine.await();
            }

            @Override
            public Results runChecked() {
                run();
                requireProduct(a, b, engine.download(c, plain));
                return new Results();
            }

            @Override
            public void close() {
                engine.close();
            }
        };
    }

    private static float[] uniform(SplittableRandom random) {
        float[] values = new float[SIZE * SIZE];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextDouble(-1, 1);
        }
        return values;
    }

    private static void requireProduct(float[] a, float[] b, float[] c) {
        SplittableRandom random = new SplittableRandom(2);
        for (int i = 0; i < CHECKED_ELEMENTS; i++) {
            int row = random.nextInt(SIZE);
            int column = random.nextInt(SIZE);
            double expected = 0;
            for (int k = 0; k < SIZE; k++) {
                expected += (double) a[row * SIZE + k] * b[k * SIZE + column];
            }
            float actual = c[row * SIZE + column];
            if (!(Math.abs(actual - expected) < 1e-3)) {
                throw new IllegalStateException(
                        "matrix product at [" + row + ", " + column + "]: expected " + expected + ", got " + actual);
            }
        }
    }
}
