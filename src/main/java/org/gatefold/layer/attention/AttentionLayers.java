package org.gatefold.layer.attention;

import java.util.Map;
import java.util.function.Function;
import org.gatefold.layer.Layer;
import org.gatefold.layer.LayerFamily;
import org.gatefold.layer.Options;

/** The layers of this package. */
public final class AttentionLayers implements LayerFamily {
    @Override
    public Map<String, Function<Options, Layer>> types() {
        return Map.of(
                "MultiHeadAttention", MultiHeadAttention::described,
                "DotAttention", DotAttention::described,
                "GeneralAttention", GeneralAttention::described,
                "AdditiveAttention", AdditiveAttention::described,
                "AttentionPooling", AttentionPooling::described,
                "PositionalEmbedding", PositionalEmbedding::described,
                "SinusoidalPositions", SinusoidalPositions::described,
                "TransformerEncoderLayer", TransformerEncoderLayer::described,
                "TransformerEncoder", TransformerEncoder::described);
    }
}
