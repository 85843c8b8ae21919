package org.gatefold.simulator;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What the simulated device has counted since {@link SimulatedDevice#resetCounts}. Immutable.
 *
 * @param kernels what each has done, by name
 * @param submissions by the host
 */
public record Counts(Map<String, Kernel> kernels, Copies copies, long submissions) {
    /**
     * All launches of a kernel.
     *
     * @param movedBytes those of global memory that were read and those that were written, each once a launch
     * @param requestedBytes likewise, as often as they were asked for
     * @param flops of tensor cores and libraries
     */
    public record Kernel(long launches, long movedBytes, long requestedBytes, long flops) {}

    /**
     * Copies and fills, launched or within graphs.
     *
     * @param deviceCount those on the device, and fills
     * @param deviceBytes that these move: a copy reads and writes its bytes, a fill writes them
     * @param hostCount those from the host and to it
     */
    public record Copies(long deviceCount, long deviceBytes, long hostCount) {}

    /** Those of the moment. */
    public static Counts now() {
        JsonObject all = JsonParser.parseString(SimulatedDevice.counts()).getAsJsonObject();
        Map<String, Kernel> kernels = new LinkedHashMap<>();
        all.getAsJsonObject("kernels").entrySet().forEach(entry -> {
            JsonObject kernel = entry.getValue().getAsJsonObject();
            kernels.put(
                    entry.getKey(),
                    new Kernel(
                            number(kernel, "launches"),
                            number(kernel, "globalReadDistinctBytes") + number(kernel, "globalWriteDistinctBytes"),
                            number(kernel, "globalReadBytes") + number(kernel, "globalWriteBytes"),
                            number(kernel, "mmaFlops") + number(kernel, "otherFlops")));
        });
        JsonObject copies = all.getAsJsonObject("copies");
        JsonObject onDevice = copies.getAsJsonObject("deviceToDevice");
        JsonObject fills = copies.getAsJsonObject("fill");
        return new Counts(
                kernels,
                new Copies(
                        number(onDevice, "count") + number(fills, "count"),
                        2 * number(onDevice, "bytes") + number(fills, "bytes"),
                        number(copies.getAsJsonObject("hostToDevice"), "count")
                                + number(copies.getAsJsonObject("deviceToHost"), "count")),
                number(all, "submissions"));
    }

    private static long number(JsonObject of, String name) {
        return of.get(name).getAsLong();
    }

    /** Bytes that kernels, copies and fills move. */
    public long movedBytes() {
        return kernels.values().stream().mapToLong(Kernel::movedBytes).sum() + copies.deviceBytes();
    }
}
