package org.gatefold.train.user;

import com.google.errorprone.annotations.MustBeClosed;
import java.util.LinkedHashMap;
import java.util.Map;
import org.gatefold.autograd.Variable;
import org.gatefold.device.Device;
import org.gatefold.device.Scope;
import org.gatefold.layer.Context;
import org.gatefold.layer.Linear;
import org.gatefold.layer.ParameterStore;
import org.gatefold.layer.recurrent.Lstm;
import org.gatefold.model.Model;
import org.gatefold.model.TrainingFootprint;
import org.gatefold.tensor.Form;

/**
 * A model that a program may write for itself: an LSTM over one input and a layer over another, and two outputs, one of each.
 */
final class TwoHeads implements Model {
    private final Device device;
    private final Scope scope;
    private final ParameterStore parameters = new ParameterStore();
    private final Lstm lstm = Lstm.of(6);
    private final Linear first = Linear.of(1);
    private final Linear second = Linear.of(2);

    @MustBeClosed
    @SuppressWarnings("MustBeClosedChecker") // the field is closed by close()
    TwoHeads(Device device) {
        this.device = device;
        first.build(parameters, "first", lstm.build(parameters, "lstm", Form.sequences(1)));
        second.build(parameters, "second", Form.rows(2));
        scope = device.openScope("model");
        parameters.allocate(scope, 3);
    }

    @Override
    public Device device() {
        return device;
    }

    @Override
    public ParameterStore parameters() {
        return parameters;
    }

    @Override
    public Form input() {
        throw new IllegalStateException("two inputs");
    }

    @Override
    public Form output() {
        throw new IllegalStateException("two outputs");
    }

    @Override
    public Variable forward(Context context, Variable x) {
        throw new IllegalStateException("two inputs");
    }

    @Override
    public Map<String, Form> inputs() {
        Map<String, Form> forms = new LinkedHashMap<>();
        forms.put("readings", Form.sequences(1));
        forms.put("place", Form.rows(2));
        return forms;
    }

    @Override
    public Map<String, Form> outputs() {
        Map<String, Form> forms = new LinkedHashMap<>();
        forms.put("sum", Form.rows(1));
        forms.put("side", Form.rows(2));
        return forms;
    }

    @Override
    public Map<String, Variable> forward(Context context, Map<String, Variable> inputs) {
        Map<String, Variable> outputs = new LinkedHashMap<>();
        outputs.put("sum", first.forward(context, lstm.forward(context, inputs.get("readings"))));
        outputs.put("side", second.forward(context, inputs.get("place")));
        return outputs;
    }

    @Override
    public boolean carriesStates() {
        return false;
    }

    @Override
    public TrainingFootprint footprint(int batch, int steps) {
        throw new IllegalStateException("not asked for");
    }

    @Override
    public void close() {
        scope.close();
    }
}
