package org.gatefold.exchange.bert;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.gatefold.exchange.CheckpointException;
import org.gatefold.file.Json;
import org.gatefold.file.JsonFields;
import org.gatefold.layer.Layer;
import org.gatefold.layer.attention.PositionalEmbedding;
import org.gatefold.layer.attention.TransformerEncoder;
import org.gatefold.layer.attention.TransformerEncoderLayer;
import org.gatefold.layer.basic.Dropout;
import org.gatefold.layer.basic.Linear;
import org.gatefold.layer.embedding.Embedding;
import org.gatefold.layer.norm.LayerNorm;
import org.gatefold.op.elementwise.Activation;

/**
 * What an encoder of the BERT family is made of, as its {@code config.json} says it (Devlin et al. 2019; Sanh et al. 2019; Clark et al.
 * 2020). Immutable.
 *
 * @param family whose names the fields and tensors have
 * @param vocabulary pieces that are known
 * @param embedded features of a piece's vector; ELECTRA's may have fewer than its layers
 * @param features of each layer
 * @param layers one after the other
 * @param heads of each attention
 * @param hidden features between the two affine maps of a layer
 * @param positions most steps, special tokens counted
 * @param types kinds of texts that are told apart; 0 for none
 * @param epsilon added to variances
 * @param activation between the affine maps, as the file names it
 */
public record BertConfig(
        Family family,
        int vocabulary,
        int embedded,
        int features,
        int layers,
        int heads,
        int hidden,
        int positions,
        int types,
        float epsilon,
        String activation) {
    /** What the names of all layers begin with. */
    public static final String ENCODER = "encoder";

    static final String WORDS = "encoder_words";
    static final String PLACES = "encoder_places";
    static final String NORM = "encoder_norm";
    static final String PROJECTION = "encoder_projection";

    private static final int MOST_LAYERS = 1000;
    private static final String DROPOUT = "encoder_dropout";
    private static final Map<String, Activation> ACTIVATIONS = Map.of(
            "gelu",
            Activation.GELU,
            "gelu_new",
            Activation.GELU_TANH,
            "gelu_pytorch_tanh",
            Activation.GELU_TANH,
            "relu",
            Activation.RELU,
            "silu",
            Activation.SILU,
            "swish",
            Activation.SILU,
            "tanh",
            Activation.TANH);

    /** Systems that name what is the same otherwise. */
    public enum Family {
        BERT,
        DISTILBERT,
        ELECTRA;

        /** As {@code model_type} has it. */
        String label() {
            return name().toLowerCase(Locale.ROOT);
        }

        private String name(String usual, String distilled) {
            return this == DISTILBERT ? distilled : usual;
        }
    }

    /**
     * Reads {@code config.json}. A file of older times says no {@code model_type}; with BERT's fields it is one of BERT's.
     *
     * @throws org.gatefold.file.FileException naming the field that is missing, wrong or of a kind that is not known here
     */
    public static BertConfig of(JsonFields json) {
        Family family = family(json);
        requireUsual(json, "position_embedding_type", "absolute");
        requireUsual(json, "is_decoder", "false");
        int features = count(json, family.name("hidden_size", "dim"));
        String activation = json.text(family.name("hidden_act", "activation"));
        if (!ACTIVATIONS.containsKey(activation)) {
            throw json.wrong(
                    family.name("hidden_act", "activation"),
                    "expected one of " + ACTIVATIONS.keySet().stream().sorted().toList() + ", got '" + activation + "'",
                    null);
        }
        int heads = count(json, family.name("num_attention_heads", "n_heads"));
        if (features % heads != 0) {
            throw json.wrong(
                    family.name("num_attention_heads", "n_heads"),
                    "expected a divisor of " + features + " features, got " + heads,
                    null);
        }
        return new BertConfig(
                family,
                count(json, "vocab_size"),
                family == Family.ELECTRA && json.has("embedding_size") ? count(json, "embedding_size") : features,
                features,
                json.integer(family.name("num_hidden_layers", "n_layers"), 1, MOST_LAYERS),
                heads,
                count(json, family.name("intermediate_size", "hidden_dim")),
                count(json, "max_position_embeddings"),
                family == Family.DISTILBERT ? 0 : json.integer("type_vocab_size", 1, 1 << 16),
                json.has("layer_norm_eps") ? json.floatAbove("layer_norm_eps", 0) : 1e-12f,
                activation);
    }

    private static int count(JsonFields json, String name) {
        return json.integer(name, 1, 1 << 24);
    }

    private static Family family(JsonFields json) {
        if (!json.has("model_type")) {
            return Family.BERT;
        }
        String type = json.text("model_type");
        for (Family family : Family.values()) {
            if (family.label().equals(type)) {
                return family;
            }
        }
        throw json.wrong("model_type", "expected bert, distilbert or electra, got '" + type + "'", null);
    }

    /** A field that may be left out or null, and has one value alone that is known here. */
    private static void requireUsual(JsonFields json, String name, String usual) {
        if (!json.has(name) || json.isNull(name)) {
            return;
        }
        JsonElement found = json.tree().get(name);
        if (!found.isJsonPrimitive() || !found.getAsString().equals(usual)) {
            throw json.wrong(name, "expected " + usual + ", got " + Json.compact(found), null);
        }
    }

    /** This as a {@code config.json}. */
    public JsonObject toJson() {
        JsonObject json = new JsonObject();
        json.addProperty("model_type", family.label());
        json.addProperty("vocab_size", vocabulary);
        if (family == Family.ELECTRA) {
            json.addProperty("embedding_size", embedded);
        }
        json.addProperty(family.name("hidden_size", "dim"), features);
        json.addProperty(family.name("num_hidden_layers", "n_layers"), layers);
        json.addProperty(family.name("num_attention_heads", "n_heads"), heads);
        json.addProperty(family.name("intermediate_size", "hidden_dim"), hidden);
        json.addProperty("max_position_embeddings", positions);
        if (types > 0) {
            json.addProperty("type_vocab_size", types);
        }
        json.addProperty("layer_norm_eps", epsilon);
        json.addProperty(family.name("hidden_act", "activation"), activation);
        return json;
    }

    /**
     * The layers for single texts, from tokens {@code [T, B]} to {@code [T, B, F]}; the vector of the first type is part of those of places.
     * Weights are written by {@link Bert#writeWeights}; all of their names begin with {@value #ENCODER}.
     *
     * @param dropout probability of dropping in training, 0.1 as they were trained, 0 where they are frozen
     */
    public List<Layer> layers(float dropout) {
        List<Layer> all = new ArrayList<>();
        all.add(words());
        all.add(places());
        all.addAll(behindSum(dropout));
        return all;
    }

    Layer words() {
        return Embedding.of(vocabulary, embedded).named(WORDS);
    }

    Layer places() {
        return PositionalEmbedding.of(positions).named(PLACES);
    }

    /** What comes behind the sum of the vectors of pieces, places and types. */
    List<Layer> behindSum(float dropout) {
        List<Layer> all = new ArrayList<>();
        all.add(LayerNorm.create().epsilon(epsilon).named(NORM));
        all.add(Dropout.of(dropout).named(DROPOUT));
        if (embedded != features) {
            all.add(Linear.of(features).named(PROJECTION));
        }
        TransformerEncoderLayer layer = TransformerEncoderLayer.of(heads, hidden)
                .activation(ACTIVATIONS.get(activation))
                .dropout(dropout)
                .epsilon(epsilon);
        all.add(TransformerEncoder.of(layers, layer).named(ENCODER));
        return all;
    }

    /**
     * Checks that a tokenizer gives no other pieces than are known.
     *
     * @param source names it in the message
     * @throws CheckpointException if there are more
     */
    public void requireRoomFor(String source, int pieces) {
        if (pieces > vocabulary) {
            throw new CheckpointException(source + ": expected at most " + vocabulary
                    + " pieces in the vocabulary, as config.json says, got " + pieces);
        }
    }
}
