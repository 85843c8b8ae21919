package org.gatefold.recipe.speech;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.gatefold.layer.Layer;
import org.gatefold.layer.basic.Dropout;
import org.gatefold.layer.pooling.MaxPool1d;
import org.gatefold.layer.recurrent.Lstm;
import org.gatefold.model.Network;
import org.gatefold.recipe.SoundOptions;
import org.gatefold.recipe.field.Fields;
import org.gatefold.recipe.field.media.AttentionTranscript;
import org.gatefold.recipe.field.media.Sound;
import org.gatefold.recipe.field.series.StepFeatures;
import org.gatefold.recipe.option.Options;
import org.gatefold.seq2seq.EncoderDecoder;
import org.gatefold.tensor.Form;

/** How a text is found in what was heard, and the network that does. */
enum Decoder {
    /** Each step says a unit or none. */
    CTC {
        @Override
        Sound input(Sound sound) {
            return sound;
        }

        @Override
        Network network(Options options, Fields fields, Map<String, Form> inputs) {
            boolean streamed = SoundOptions.isStreamed(options);
            Network.Builder builder =
                    Network.sequential(inputs.values().iterator().next());
            StepFeatures.of(options.hidden(), streamed).forEach(builder::add);
            builder.add(Dropout.of(options.dropout()));
            Lstm lstm = options.stacked(Lstm.of(options.hidden()));
            builder.add((streamed ? lstm : lstm.bidirectional()).returnSequences());
            builder.add(Dropout.of(options.dropout()));
            fields.target().head().forEach(builder::add);
            return builder.build();
        }
    },

    /** Another recurrent network writes unit by unit, and looks at what was heard (Chan et al. 2016). */
    ATTENTION {
        @Override
        Sound input(Sound sound) {
            return sound.named(EncoderDecoder.SOURCE);
        }

        @Override
        Network network(Options options, Fields fields, Map<String, Form> inputs) {
            List<Layer> below = new ArrayList<>(StepFeatures.of(options.hidden()));
            // There is less to choose among; a recording of a step has one.
            below.add(MaxPool1d.of(STEPS_TOGETHER).padding(0, STEPS_TOGETHER - 1));
            return ((AttentionTranscript) fields.target())
                    .network(Math.toIntExact(inputs.get(EncoderDecoder.SOURCE).size()))
                    .below(below)
                    .embedding(options.hidden())
                    .units(options.hidden(), 2 * options.hidden())
                    .layers(options.layers(), options.layers())
                    .bidirectional()
                    .attention(EncoderDecoder.Attention.ADDITIVE)
                    .inputFeeding()
                    .dropout(options.dropout())
                    .precision(options.precision())
                    .network();
        }
    };

    /** Steps that are attended to as one: two layers of the pyramid of Chan et al. would leave as many. */
    private static final int STEPS_TOGETHER = 4;

    /** What is heard, as the network calls it. */
    abstract Sound input(Sound sound);

    abstract Network network(Options options, Fields fields, Map<String, Form> inputs);
}
