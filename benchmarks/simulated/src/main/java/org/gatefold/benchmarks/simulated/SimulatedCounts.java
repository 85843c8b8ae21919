package org.gatefold.benchmarks.simulated;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.util.LinkedHashMap;
import java.util.Map;
import org.gatefold.benchmarks.contract.DeviceCounts;
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
        JsonObject counts = JsonParser.parseString(SimulatedDevice.counts()).getAsJsonObject();
        long launches = 0;
        long bytes = 0;
        long products = 0;
        for (Map.Entry<String, JsonElement> entry :
                counts.getAsJsonObject("kernels").entrySet()) {
            JsonObject kernel = entry.getValue().getAsJsonObject();
            launches += kernel.get("launches").getAsLong();
            bytes += kernel.get("globalReadDistinctBytes").getAsLong()
                    + kernel.get("globalWriteDistinctBytes").getAsLong();
            products += kernel.get("mmaFlops").getAsLong()
                    + kernel.get("otherFlops").getAsLong();
        }
        JsonObject copies = counts.getAsJsonObject("copies");
        Map<String, Long> named = new LinkedHashMap<>();
        named.put("launches", launches);
        named.put("submissions", counts.get("submissions").getAsLong());
        // A copy on the device reads and writes its bytes, a fill writes them.
        named.put("bytes", bytes + 2 * of(copies, "deviceToDevice", "bytes") + of(copies, "fill", "bytes"));
        named.put("products", products);
        named.put("hostCopies", of(copies, "hostToDevice", "count") + of(copies, "deviceToHost", "count"));
        return named;
    }

    private static long of(JsonObject copies, String kind, String field) {
        return copies.getAsJsonObject(kind).get(field).getAsLong();
    }
}
