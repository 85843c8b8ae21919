package org.gatefold.recipe;

import com.google.gson.JsonObject;
import java.util.List;
import org.gatefold.device.Copies;
import org.gatefold.file.Json;
import org.gatefold.train.report.History;

/**
 * What {@code metrics.json} says of every run, whatever it trains.
 *
 * @param device where it was trained; several with commas between
 * @param implementation of the recurrent layers
 * @param seed of the run
 * @param histories what training of each member did, which are told of together
 * @param copies between host and the first device while it trained
 */
record RunMetrics(String device, String implementation, long seed, List<History> histories, Copies copies) {
    /** Adds to the scores, and gives them back. */
    JsonObject addTo(JsonObject metrics) {
        metrics.addProperty("device", device);
        metrics.addProperty("implementation", implementation);
        metrics.addProperty(
                "epochs",
                histories.stream().mapToInt(history -> history.epochs().size()).sum());
        metrics.addProperty(
                "skippedSteps",
                histories.stream()
                        .mapToLong(history -> history.last().skipped())
                        .sum());
        metrics.addProperty("seed", seed);
        metrics.addProperty(
                "seconds", histories.stream().mapToDouble(HistoryTable::seconds).sum());
        JsonObject both = new JsonObject();
        both.add("toDevice", direction(copies.uploads(), copies.uploadedBytes()));
        both.add("fromDevice", direction(copies.downloads(), copies.downloadedBytes()));
        metrics.add("copies", both);
        return metrics;
    }

    private static JsonObject direction(long count, long bytes) {
        return Json.object("count", count, "bytes", bytes);
    }
}
