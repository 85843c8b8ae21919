package org.gatefold.benchmarks.models.architecture;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.gatefold.benchmarks.contract.LayerShape;
import org.gatefold.data.Dataset;
import org.gatefold.model.Network;

/** Parts one after the other. */
record Layered(Size input, Wanted wanted, List<Part> parts) implements Architecture {
    @Override
    public Network network() {
        Network.Builder builder = Network.sequential(input.form());
        Size size = input;
        for (Part part : parts) {
            part.layers(size).forEach(builder::add);
            size = part.output(size);
        }
        return builder.build();
    }

    @Override
    public Examples examples(int rows) {
        Size output = input;
        for (Part part : parts) {
            output = part.output(output);
        }
        Input read = parts.get(0) instanceof Parts.Embedded table
                ? Input.ofIds(Dataset.INPUT, Input.draw(7, rows, input.steps(), 0, table.vocabulary()))
                : Input.ofNumbers(Dataset.INPUT, input, rows);
        return Examples.of(wanted, read, output.features());
    }

    @Override
    public Tensor forward(List<Tensor> inputs, TorchWeights weights) {
        Tensor x = inputs.get(0);
        Size size = input;
        for (Part part : parts) {
            x = part.forward(x, size, weights);
            size = part.output(size);
        }
        return x;
    }

    @Override
    public double products() {
        double sum = 0;
        boolean data = !input.consistsOfIds();
        Size size = input;
        for (Part part : parts) {
            Products own = part.products(size);
            sum += data ? own.ofUpdateOnData() : own.ofUpdate();
            data &= own.isNone();
            size = part.output(size);
        }
        return sum;
    }

    @Override
    public List<LayerShape> recurrent(int batch) {
        List<LayerShape> all = new ArrayList<>();
        Size size = input;
        for (Part part : parts) {
            part.recurrent(size, batch).ifPresent(all::add);
            size = part.output(size);
        }
        return all;
    }
}
