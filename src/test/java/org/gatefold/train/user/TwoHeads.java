package org.gatefold.train.user;

import com.google.errorprone.annotations.MustBeClosed;
import java.util.LinkedHashMap;
import java.util.Map;
import org.gatefold.autograd.Variable;
import org.gatefold.device.Device;
import org.gatefold.layer.Context;
import org.gatefold.layer.Options;
import org.gatefold.layer.basic.Linear;
import org.gatefold.layer.recurrent.Lstm;
import org.gatefold.model.Model;
import org.gatefold.model.Module;
import org.gatefold.model.Network;
import org.gatefold.tensor.Form;

/**
 * A module that a program may write for itself: an LSTM over one input and a layer over another, and two outputs, one of each.
 */
public final class TwoHeads extends Module {
    private final Lstm lstm;
    private final Linear first;
    private final Linear second;

    TwoHeads() {
        Form readings = input("readings", Form.sequences(1));
        Form place = input("place", Form.rows(2));
        lstm = layer(Lstm.of(6), readings);
        first = layer(Linear.of(1).named("first"), lstm.output());
        second = layer(Linear.of(2).named("second"), place);
        output("sum", first.output());
        output("side", second.output());
    }

    /** What model files ask for. */
    public static TwoHeads described(Options options) {
        return new TwoHeads();
    }

    @MustBeClosed
    static Model on(Device device) {
        return Network.of(TwoHeads::new).on(device).seed(3).build();
    }

    @Override
    protected Map<String, Variable> forward(Context context, Map<String, Variable> inputs) {
        Map<String, Variable> outputs = new LinkedHashMap<>();
        outputs.put("sum", first.forward(context, lstm.forward(context, inputs.get("readings"))));
        outputs.put("side", second.forward(context, inputs.get("place")));
        return outputs;
    }
}
