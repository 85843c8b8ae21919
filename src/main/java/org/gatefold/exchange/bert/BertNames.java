package org.gatefold.exchange.bert;

import java.util.LinkedHashMap;
import java.util.Map;
import org.gatefold.exchange.bert.BertConfig.Family;

/** What the tensors of an encoder's files are called, by the parameters of its layers here. Stateless. */
final class BertNames {
    static final String WORDS = "embeddings.word_embeddings.weight";
    static final String PLACES = "embeddings.position_embeddings.weight";
    static final String TYPES = "embeddings.token_type_embeddings.weight";
    static final String POOLER = "pooler.dense.weight";

    private static final Map<String, String> BERT_LAYER = Map.of(
            "attention.query", "attention.self.query",
            "attention.key", "attention.self.key",
            "attention.value", "attention.self.value",
            "attention.output", "attention.output.dense",
            "norm1", "attention.output.LayerNorm",
            "linear1", "intermediate.dense",
            "linear2", "output.dense",
            "norm2", "output.LayerNorm");
    private static final Map<String, String> DISTILLED_LAYER = Map.of(
            "attention.query", "attention.q_lin",
            "attention.key", "attention.k_lin",
            "attention.value", "attention.v_lin",
            "attention.output", "attention.out_lin",
            "norm1", "sa_layer_norm",
            "linear1", "ffn.lin1",
            "linear2", "ffn.lin2",
            "norm2", "output_layer_norm");

    private BertNames() {}

    /** Names of tensors by names of parameters, all that an encoder may have. */
    static Map<String, String> of(BertConfig config) {
        Map<String, String> names = new LinkedHashMap<>();
        names.put(BertConfig.WORDS + ".w", WORDS);
        names.put(BertConfig.PLACES + ".w", PLACES);
        names.put(Bert.TYPES + ".w", TYPES);
        add(names, BertConfig.NORM, "embeddings.LayerNorm");
        add(names, BertConfig.PROJECTION, "embeddings_project");
        add(names, Bert.POOLER, "pooler.dense");
        boolean distilled = config.family() == Family.DISTILBERT;
        for (int i = 0; i < config.layers(); i++) {
            String here = BertConfig.ENCODER + "." + i + ".";
            String there = (distilled ? "transformer" : "encoder") + ".layer." + i + ".";
            (distilled ? DISTILLED_LAYER : BERT_LAYER)
                    .forEach((ours, theirs) -> add(names, here + ours, there + theirs));
        }
        return names;
    }

    private static void add(Map<String, String> names, String here, String there) {
        boolean norm = here.endsWith("norm") || here.endsWith("norm1") || here.endsWith("norm2");
        names.put(here + (norm ? ".gamma" : ".w"), there + ".weight");
        names.put(here + (norm ? ".beta" : ".b"), there + ".bias");
    }

    /** What TensorFlow's converters called a tensor: norms have gamma and beta there. */
    static String formerly(String name) {
        return name.replaceFirst("LayerNorm\\.weight$", "LayerNorm.gamma")
                .replaceFirst("LayerNorm\\.bias$", "LayerNorm.beta");
    }
}
