package org.gatefold.train.checkpoint;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.gatefold.file.FileException;
import org.gatefold.file.Json;
import org.gatefold.file.JsonFields;
import org.gatefold.train.report.EpochReport;

/**
 * All of a training run but weights and optimiser state; written as JSON.
 *
 * <p>Numbers are written so that they read back exactly. Used by the training thread alone.
 */
public final class TrainingState {
    static final int FORMAT = 1;

    /** The file beside this one that holds the weights. */
    String weights;

    public JsonObject model;
    public String optimizer;

    /** What the losses of {@link #epochs} are; null in checkpoints that did not keep it. */
    public String loss;

    public String schedule;

    /** How weights are averaged; null if not at all. */
    public String average;

    /** Of how many weights the average is. */
    public long averaged;

    public String data;

    /** Seed of the dropout masks; with {@link #passes} it is all the state that randomness has. */
    public long seed;

    /** Updates done. */
    public long step;

    /** Forward passes done in training. */
    public long passes;

    public float lossScale;

    /** Updates since the loss scale last changed. */
    public int updatesAtLossScale;

    /** Updates that were not made because of gradients that were not finite. */
    public long skipped;

    /** The current epoch. */
    public int epoch;

    /** The next batch of the current epoch. */
    public int batch;

    /** The first epoch whose loss early stopping looks at: 0, or a later one if it was added on resuming. */
    public int earlyStoppingFrom;

    public double epochLoss;
    public double epochWeight;
    public long epochNanos;
    /** The finished epochs. */
    public List<EpochReport> epochs = new ArrayList<>();

    /** What the run depends on beside the model, as {@code Trainer.data} was told: fingerprints by source. */
    public Map<String, String> fingerprints = new LinkedHashMap<>();

    public Map<String, String> metadata = new LinkedHashMap<>();

    /** All fields as JSON. */
    JsonObject json() {
        JsonObject json = new JsonObject();
        json.addProperty("format", FORMAT);
        json.addProperty("weights", weights);
        json.add("model", model);
        json.addProperty("optimizer", optimizer);
        json.addProperty("loss", loss);
        json.addProperty("schedule", schedule);
        if (average != null) {
            json.addProperty("average", average);
            json.addProperty("averaged", averaged);
        }
        json.addProperty("data", data);
        json.addProperty("seed", seed);
        json.addProperty("step", step);
        json.addProperty("passes", passes);
        json.addProperty("lossScale", lossScale);
        json.addProperty("updatesAtLossScale", updatesAtLossScale);
        json.addProperty("skipped", skipped);
        json.addProperty("epoch", epoch);
        json.addProperty("batch", batch);
        json.addProperty("earlyStoppingFrom", earlyStoppingFrom);
        json.addProperty("epochLoss", epochLoss);
        json.addProperty("epochWeight", epochWeight);
        json.addProperty("epochNanos", epochNanos);
        JsonArray finished = new JsonArray();
        epochs.forEach(report -> finished.add(json(report)));
        json.add("epochs", finished);
        json.add("fingerprints", Json.tree(fingerprints));
        json.add("metadata", Json.tree(metadata));
        return json;
    }

    private static JsonObject json(EpochReport report) {
        JsonObject json = new JsonObject();
        json.addProperty("epoch", report.epoch());
        json.addProperty("step", report.step());
        json.addProperty("trainingLoss", report.trainingLoss());
        if (report.validationLoss() != null) {
            json.addProperty("validationLoss", report.validationLoss());
        }
        json.add("metrics", Json.tree(report.metrics()));
        json.addProperty("learningRate", report.learningRate());
        json.addProperty("lossScale", report.lossScale());
        json.addProperty("skipped", report.skipped());
        json.addProperty("nanos", report.duration().toNanos());
        return json;
    }

    /**
     * Reads what {@link #json()} gave.
     *
     * @throws FileException naming the field that is missing or cannot be
     */
    static TrainingState read(JsonFields json) {
        int format = json.integer("format", 0, Integer.MAX_VALUE);
        if (format != FORMAT) {
            throw json.wrong("format", "expected " + FORMAT + ", got " + format, null);
        }
        TrainingState state = new TrainingState();
        state.weights = json.text("weights");
        state.model = json.fields("model").tree();
        state.optimizer = json.text("optimizer");
        state.loss = json.has("loss") ? json.text("loss") : null;
        state.schedule = json.text("schedule");
        if (json.has("average")) {
            state.average = json.text("average");
            state.averaged = json.whole("averaged", 0, Long.MAX_VALUE);
        }
        state.data = json.text("data");
        state.seed = json.whole("seed", Long.MIN_VALUE, Long.MAX_VALUE);
        state.step = json.whole("step", 0, Long.MAX_VALUE);
        state.passes = json.whole("passes", 0, Long.MAX_VALUE);
        state.lossScale = json.floatAbove("lossScale", 0);
        state.updatesAtLossScale = json.integer("updatesAtLossScale", 0, Integer.MAX_VALUE);
        state.skipped = json.whole("skipped", 0, Long.MAX_VALUE);
        state.epoch = json.integer("epoch", 0, Integer.MAX_VALUE);
        state.batch = json.integer("batch", 0, Integer.MAX_VALUE);
        state.earlyStoppingFrom = json.has("earlyStoppingFrom") ? json.integer("earlyStoppingFrom", 0, state.epoch) : 0;
        state.epochLoss = json.number("epochLoss", -Double.MAX_VALUE);
        state.epochWeight = json.number("epochWeight", 0);
        state.epochNanos = json.whole("epochNanos", 0, Long.MAX_VALUE);
        for (JsonFields epoch : json.list("epochs")) {
            state.epochs.add(report(epoch, state.epochs.size()));
        }
        if (state.epochs.size() != state.epoch) {
            throw json.wrong(
                    "epochs",
                    "expected " + state.epoch + " finished epochs, as epoch says, got " + state.epochs.size(),
                    null);
        }
        if (json.has("fingerprints")) {
            state.fingerprints.putAll(json.fields("fingerprints").texts());
        }
        state.metadata.putAll(json.fields("metadata").texts());
        return state;
    }

    private static EpochReport report(JsonFields json, int number) {
        return new EpochReport(
                json.integer("epoch", number, number),
                json.whole("step", 0, Long.MAX_VALUE),
                json.number("trainingLoss", -Double.MAX_VALUE),
                json.has("validationLoss") && !json.isNull("validationLoss")
                        ? json.number("validationLoss", -Double.MAX_VALUE)
                        : null,
                json.fields("metrics").numbers(),
                (float) json.number("learningRate", 0),
                json.floatAbove("lossScale", 0),
                json.whole("skipped", 0, Long.MAX_VALUE),
                Duration.ofNanos(json.whole("nanos", 0, Long.MAX_VALUE)));
    }
}
