package org.gatefold.layer.form;

import java.util.Map;
import java.util.function.Function;
import org.gatefold.layer.Layer;
import org.gatefold.layer.LayerFamily;
import org.gatefold.layer.Options;

/** The layers of this package. */
public final class FormLayers implements LayerFamily {
    @Override
    public Map<String, Function<Options, Layer>> types() {
        return Map.of(
                "Flatten", Flatten::described,
                "Reshape", Reshape::described,
                "Permute", Permute::described,
                "ToSequence", ToSequence::described,
                "ToRows", ToRows::described,
                "RepeatVector", RepeatVector::described,
                "TimeSlice", TimeSlice::described,
                "TimeDistributed", TimeDistributed::described);
    }
}
