package org.gatefold.benchmarks.onednn;

import java.util.Arrays;
import java.util.Optional;
import org.bytedeco.dnnl.dnnl_version_t;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.dnnl.memory;
import org.gatefold.benchmarks.contract.Contestant;
import org.gatefold.benchmarks.contract.LayerShape;
import org.gatefold.benchmarks.contract.Pass;
import org.gatefold.benchmarks.contract.PreparedPass;
import org.gatefold.benchmarks.contract.Workload;

/** oneDNN's LSTM primitive. Its thread count is set by OMP_NUM_THREADS in the environment of its process. */
public class OneDnn implements Contestant {
    private static final int TRIALS = 7;
    private final memory.data_type type;

    public OneDnn() {
        this(memory.data_type.f32);
    }

    OneDnn(memory.data_type type) {
        this.type = type;
    }

    @Override
    public String version() {
        dnnl_version_t version = dnnl.dnnl_version();
        return "oneDNN " + version.major() + "." + version.minor() + "." + version.patch();
    }

    @Override
    public Optional<String> declines(LayerShape shape, Pass pass) {
        if (pass == Pass.TRAINING_STEP) {
            return Optional.of("a library of primitives: no loss, clipping or optimiser");
        }
        return type == memory.data_type.f32 || multipliesBfloat16()
                ? Optional.empty()
                : Optional.of("it multiplies bfloat16 on processors with AVX-512 only");
    }

    /** Whether oneDNN takes an instruction set that its primitives for bfloat16 need: AVX-512 with or without BF16. */
    private static boolean multipliesBfloat16() {
        int taken = dnnl.dnnl_get_effective_cpu_isa();
        return (taken & dnnl.dnnl_cpu_isa_avx512_core) == dnnl.dnnl_cpu_isa_avx512_core;
    }

    @Override
    public PreparedPass prepare(Workload workload, Pass pass, int threads) {
        if (pass == Pass.TRAINING_PASS) {
            return new OneDnnPass(workload, type, true, true);
        }
        return faster(new OneDnnPass(workload, type, false, false), new OneDnnPass(workload, type, true, false));
    }

    /** For some shapes the training forward is faster than the inference forward: its user would take that one. */
    private static PreparedPass faster(PreparedPass first, PreparedPass second) {
        if (fastest(first) <= fastest(second)) {
            second.close();
            return first;
        }
        first.close();
        return second;
    }

    private static long fastest(PreparedPass pass) {
        long[] nanos = new long[TRIALS];
        for (int i = 0; i < TRIALS; i++) {
            long start = System.nanoTime();
            pass.run();
            nanos[i] = System.nanoTime() - start;
        }
        return Arrays.stream(nanos).min().getAsLong();
    }
}
