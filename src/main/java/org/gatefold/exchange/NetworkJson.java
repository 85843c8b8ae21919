package org.gatefold.exchange;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.gatefold.file.FileException;
import org.gatefold.file.Json;
import org.gatefold.file.JsonFields;
import org.gatefold.layer.LayerDescription;
import org.gatefold.model.GraphDescription;
import org.gatefold.model.Merge;
import org.gatefold.model.ModuleDescription;
import org.gatefold.model.NetworkDescription;
import org.gatefold.tensor.ElementType;
import org.gatefold.tensor.Form;

/**
 * Descriptions of networks as JSON. Stateless.
 *
 * <p>Format 2 has {@code inputs} and {@code layers}; {@code steps} and {@code outputs} too unless the layers stand one after
 * the other; or, for a module of a program's own, {@code module} and {@code options}. Format 1, which has no number, is read:
 * one {@code input}, {@code layers} one after the other, and a seed that matters no more.
 */
public final class NetworkJson {
    private static final int FORMAT = 2;
    private static final String FORMAT_FIELD = "format";

    /** More than any network has that was made on purpose; a description that claims more costs no time. */
    private static final int MOST_LAYERS = 10_000;

    private static final int MOST_STEPS = 20_000;

    private NetworkJson() {}

    /** A description as JSON. */
    public static JsonObject write(NetworkDescription description) {
        JsonObject json = new JsonObject();
        json.addProperty(FORMAT_FIELD, FORMAT);
        if (description instanceof ModuleDescription module) {
            json.addProperty("module", module.type());
            json.add("options", Json.tree(module.options()));
            return json;
        }
        GraphDescription graph = (GraphDescription) description;
        JsonObject inputs = new JsonObject();
        graph.inputs().forEach((name, form) -> inputs.add(name, write(form)));
        json.add("inputs", inputs);
        JsonArray layers = new JsonArray();
        graph.layers().forEach(layer -> layers.add(write(layer)));
        json.add("layers", layers);
        if (!graph.isChain()) {
            JsonArray steps = new JsonArray();
            graph.steps().forEach(step -> steps.add(write(step)));
            json.add("steps", steps);
            json.add("outputs", Json.tree(graph.outputs()));
        }
        return json;
    }

    /**
     * As {@link #write}, for a file: what {@link #read} would not take is not written.
     *
     * @param where names the file in messages, and what it is
     * @throws CheckpointException naming the option of a layer or module of a program's own that cannot be kept
     */
    public static JsonObject writeReadable(String where, NetworkDescription description) {
        JsonObject json = write(description);
        try {
            String difference = Json.firstDifference("description", json, write(read(JsonFields.of(where, json))));
            if (difference != null) {
                throw new FileException(difference);
            }
        } catch (FileException e) {
            throw new CheckpointException(where + ": cannot be written: " + e.problem(), e);
        }
        return json;
    }

    private static JsonObject write(Form form) {
        return Json.object(
                "type", form.type().name(),
                "sequence", form.sequence(),
                "dimensions", Json.tree(form.dimensions()));
    }

    private static JsonObject write(LayerDescription layer) {
        return Json.object("type", layer.type(), "name", layer.name(), "options", Json.tree(layer.options()));
    }

    private static JsonObject write(GraphDescription.Step step) {
        JsonObject json = new JsonObject();
        json.addProperty("name", step.name());
        if (step.merge() != null) {
            json.addProperty("merge", step.merge().name().toLowerCase(Locale.ROOT));
        } else if (step.layer() != null) {
            json.addProperty("layer", step.layer());
        } else {
            json.addProperty("state", step.state());
        }
        json.add("of", Json.tree(step.of()));
        return json;
    }

    /**
     * Reads what {@link #write} or an earlier release wrote; whether layers fit each other is not looked at.
     *
     * @throws FileException naming the field that is missing or cannot be
     */
    public static NetworkDescription read(JsonFields json) {
        if (!json.has(FORMAT_FIELD)) {
            return GraphDescription.chain(readForm(json.fields("input")), readLayers(json));
        }
        int format = json.integer(FORMAT_FIELD, 0, Integer.MAX_VALUE);
        if (format != FORMAT) {
            throw json.wrong(FORMAT_FIELD, "expected " + FORMAT + ", got " + format, null);
        }
        if (json.has("module")) {
            return new ModuleDescription(
                    json.text("module"), json.fields("options").values());
        }
        JsonFields inputs = json.fields("inputs");
        Map<String, Form> forms = new LinkedHashMap<>();
        inputs.names().forEach(name -> forms.put(name, readForm(inputs.fields(name))));
        List<LayerDescription> layers = readLayers(json);
        if (json.has("steps")) {
            List<GraphDescription.Step> steps = json.list("steps", MOST_STEPS).stream()
                    .map(NetworkJson::readStep)
                    .toList();
            return new GraphDescription(
                    forms, layers, steps, json.fields("outputs").texts());
        }
        if (forms.size() != 1) {
            throw json.wrong("inputs", "expected one, because there are no steps, got " + forms.size(), null);
        }
        return GraphDescription.chain(forms.values().iterator().next(), layers);
    }

    private static Form readForm(JsonFields json) {
        boolean sequence = json.flag("sequence");
        if (json.has("features")) {
            int features = json.integer("features", 1, Integer.MAX_VALUE);
            return sequence ? Form.sequences(features) : Form.rows(features);
        }
        return new Form(
                constant(json, "type", ElementType.class), sequence, json.integers("dimensions", 1, Integer.MAX_VALUE));
    }

    private static List<LayerDescription> readLayers(JsonFields json) {
        List<LayerDescription> layers = new ArrayList<>();
        for (JsonFields layer : json.list("layers", MOST_LAYERS)) {
            layers.add(new LayerDescription(
                    layer.text("type"),
                    layer.text("name"),
                    layer.fields("options").values()));
        }
        return layers;
    }

    private static GraphDescription.Step readStep(JsonFields json) {
        boolean merges = json.has("merge");
        boolean tells = !merges && json.has("state");
        return new GraphDescription.Step(
                json.text("name"),
                merges || tells ? null : json.text("layer"),
                merges ? constant(json, "merge", Merge.class) : null,
                tells ? json.integer("state", 0, MOST_STEPS) : GraphDescription.Step.NO_STATE,
                json.textList("of"));
    }

    private static <E extends Enum<E>> E constant(JsonFields json, String field, Class<E> type) {
        String text = json.text(field);
        for (E constant : type.getEnumConstants()) {
            if (constant.name().equalsIgnoreCase(text)) {
                return constant;
            }
        }
        throw json.wrong(
                field, "expected one of " + Arrays.toString(type.getEnumConstants()) + ", got '" + text + "'", null);
    }
}
