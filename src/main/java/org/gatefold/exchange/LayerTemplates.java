package org.gatefold.exchange;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.gatefold.file.JsonFields;
import org.gatefold.layer.Layer;
import org.gatefold.layer.LayerDescription;
import org.gatefold.layer.Layers;
import org.gatefold.layer.attention.AttentionPooling;
import org.gatefold.layer.attention.MultiHeadAttention;
import org.gatefold.layer.attention.PositionalEmbedding;
import org.gatefold.layer.basic.Dropout;
import org.gatefold.layer.basic.Linear;
import org.gatefold.layer.convolution.Conv1d;
import org.gatefold.layer.convolution.Conv2d;
import org.gatefold.layer.embedding.Embedding;
import org.gatefold.layer.norm.BatchNorm;
import org.gatefold.layer.norm.GroupNorm;
import org.gatefold.layer.norm.LayerNorm;
import org.gatefold.layer.pooling.GlobalPooling;
import org.gatefold.layer.pooling.MaxPool1d;
import org.gatefold.layer.pooling.MaxPool2d;
import org.gatefold.layer.pooling.TimePooling;
import org.gatefold.layer.recurrent.Gru;
import org.gatefold.layer.recurrent.Lstm;
import org.gatefold.layer.recurrent.Rnn;

/** Descriptions of layers of which only some options are given: the others are those of a layer that a program makes. Stateless. */
final class LayerTemplates {
    private static final Map<String, Template> TEMPLATES = Map.ofEntries(
            template(Lstm.of(1), "units"),
            template(Gru.of(1), "units"),
            template(Rnn.of(1), "units"),
            template(Linear.of(1), "units"),
            template(Embedding.of(1, 1), "vocabulary", "features"),
            template(Dropout.of(0), "p"),
            // What its numbers are follows from the function.
            Map.entry("Activation", new Template(Map.of(), List.of("function"))),
            template(LayerNorm.create()),
            template(BatchNorm.create()),
            template(GroupNorm.of(1), "groups"),
            template(Conv1d.of(1, 1), "filters", "kernel"),
            template(Conv2d.of(1, 1, 1), "filters", "kernelHeight", "kernelWidth"),
            template(MaxPool1d.of(1), "kernel", "stride"),
            template(MaxPool2d.of(1, 1), "kernelHeight", "kernelWidth", "strideHeight", "strideWidth"),
            template(GlobalPooling.mean(), "pooling"),
            template(TimePooling.mean(), "pooling"),
            template(AttentionPooling.create()),
            template(MultiHeadAttention.of(1), "heads"),
            template(PositionalEmbedding.of(1), "most"));

    private LayerTemplates() {}

    /**
     * The options of a type.
     *
     * @param options as they are if nothing is said
     * @param needed those that have to be given
     */
    private record Template(Map<String, Object> options, List<String> needed) {}

    private static Map.Entry<String, Template> template(Layer layer, String... needed) {
        return Map.entry(layer.type(), new Template(layer.description().options(), List.of(needed)));
    }

    /**
     * A layer of a type that is described by some of its options; of a type without a template by all of them.
     *
     * @param layer the description, whose fields but type and name are options
     * @throws org.gatefold.file.FileException naming an option that is missing, wrong or not known
     */
    static LayerDescription described(JsonFields layer, String name) {
        String type = layer.text("type");
        Template template = TEMPLATES.getOrDefault(type, new Template(Map.of(), List.of()));
        Map<String, Object> given = new LinkedHashMap<>(layer.values());
        given.remove("type");
        given.remove("name");
        for (String needed : template.needed()) {
            if (!given.containsKey(needed)) {
                throw layer.wrong(needed, "is missing; " + type + " needs " + template.needed(), null);
            }
        }
        Map<String, Object> all = new LinkedHashMap<>(template.options());
        all.putAll(given);
        Map<String, Object> read;
        try {
            read = Layers.of(type, all).description().options();
        } catch (IllegalArgumentException e) {
            throw layer.wrong("type", e.getMessage(), e);
        }
        given.forEach((option, value) -> {
            boolean off = Boolean.FALSE.equals(value);
            if (!read.containsKey(option) && !off) {
                throw layer.wrong(option, "is no option of " + type + "; it has " + read.keySet(), null);
            }
        });
        return new LayerDescription(type, name, all);
    }
}
