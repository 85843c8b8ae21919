package org.gatefold.benchmarks.simulated;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.ToLongFunction;
import org.gatefold.benchmarks.contract.DeviceCounts;
import org.gatefold.simulator.Counts;
import org.gatefold.simulator.SimulatedDevice;

/** Counts of Gatefold's simulated CUDA device. Its libraries are in the folder that {@code -Dgatefold.simulator} names. */
public final class SimulatedCounts implements DeviceCounts {
    @Override
    public void install() {
        SimulatedDevice.load();
        SimulatedDevice.setOption("workers", "1"); // counts of distinct bytes are exact with one
    }

    @Override
    public Map<String, Long> of(Runnable pass) {
        SimulatedDevice.resetCounts();
        pass.run();
        Counts counts = Counts.now();
        Map<String, Long> named = new LinkedHashMap<>();
        named.put("launches", sum(counts, Counts.Kernel::launches));
        named.put("submissions", counts.submissions());
        named.put("bytes", counts.movedBytes());
        named.put("products", sum(counts, Counts.Kernel::flops));
        named.put("hostCopies", counts.copies().hostCount());
        return named;
    }

    private static long sum(Counts counts, ToLongFunction<Counts.Kernel> figure) {
        return counts.kernels().values().stream().mapToLong(figure).sum();
    }
}
