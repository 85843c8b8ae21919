package org.gatefold.benchmarks.jmh;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.gatefold.benchmarks.contract.Contestant;
import org.gatefold.benchmarks.contract.LayerShape;
import org.gatefold.benchmarks.contract.NamedShapes;
import org.gatefold.benchmarks.contract.Pass;
import org.gatefold.benchmarks.contract.Placement;
import org.gatefold.benchmarks.contract.PreparedPass;
import org.gatefold.benchmarks.contract.Workload;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * One implementation, shape and pass at a time, for work on a single one of them. Comparisons between implementations
 * belong to the runner, which takes them in turn: one after the other, they see different weather on a shared machine.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class LstmBenchmark {
    private static final String HOST = "cpu";
    private static final String GATEFOLD = "org.gatefold.benchmarks.gatefold.Gatefold";
    private static final String CUDNN = "cudnn.";

    private static final Map<String, String> PEERS = Map.of(
            "libtorch", "org.gatefold.benchmarks.libtorch.LibTorch",
            "onednn", "org.gatefold.benchmarks.onednn.OneDnn",
            "onednn-bf16", "org.gatefold.benchmarks.onednn.OneDnnBfloat16",
            "onnxruntime", "org.gatefold.benchmarks.onnxruntime.OnnxRuntime");

    /** The device; on any but cpu the implementations are those of {@code ci/bench --device}. */
    @Param(HOST)
    public String device;

    /** The implementation, by its name in {@code ci/bench}. */
    @Param({"gatefold", "libtorch", "onednn", "onnxruntime"})
    public String implementation;

    /** F32, TF32, F16 or BF16: how Gatefold multiplies, and on a device its peers. */
    @Param("F32")
    public String precision;

    /** The shape, by name. */
    @Param({"S1", "S2", "S3", "S4", "S5", "S6", "S7"})
    public String shape;

    /** The pass, by its name in {@code ci/bench}. */
    @Param({"inference", "fwd+bwd"})
    public String pass;

    /** Threads of the implementation; the peers that run on OpenMP take OMP_NUM_THREADS. */
    @Param("2")
    public int threads;

    private PreparedPass prepared;

    @Setup(Level.Trial)
    public void prepare() throws ReflectiveOperationException {
        Contestant contestant = contestant();
        LayerShape sizes =
                NamedShapes.all().getOrDefault(shape, NamedShapes.tiny().get(shape));
        Pass wanted = Pass.ofLabel(pass);
        Optional<String> reason = contestant.refuses(sizes, wanted);
        if (reason.isPresent()) {
            throw new IllegalArgumentException(
                    implementation + " declines " + shape + " " + pass + ": " + reason.get());
        }
        prepared = contestant.prepare(new Workload(sizes), wanted, threads);
    }

    private Contestant contestant() throws ReflectiveOperationException {
        if (PEERS.containsKey(implementation)) {
            return Contestant.create(PEERS.get(implementation), "");
        }
        boolean cudnn = implementation.startsWith(CUDNN);
        String name = cudnn ? implementation.substring(CUDNN.length()) : implementation;
        Placement placement =
                new Placement(device, name.equals("gatefold") ? "" : name, Placement.Precision.valueOf(precision));
        return Contestant.create(cudnn ? "org.gatefold.benchmarks.cudnn.Cudnn" : GATEFOLD, placement.toString());
    }

    @Benchmark
    public void iterate() {
        prepared.run();
    }

    /** JMH's clock is the host's: on a device also tells what that needs by its own, many passes in a row. */
    @TearDown(Level.Trial)
    public void close() {
        if (!device.equals(HOST)) {
            int passes = prepared.iterationsOfSample();
            System.out.printf("%nby the device's clock: %.1f us a pass%n", prepared.nanos(passes) / 1e3 / passes);
        }
        prepared.close();
    }
}
