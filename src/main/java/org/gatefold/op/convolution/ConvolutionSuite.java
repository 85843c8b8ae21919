package org.gatefold.op.convolution;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.gatefold.op.verify.NamedCheck;
import org.gatefold.op.verify.Suite;
import org.gatefold.op.verify.Workbench;
import org.gatefold.tensor.Lengths;
import org.gatefold.tensor.Tensor;

/** Checks of convolutions over steps, full and ragged, and over images, with stride, dilation, groups and padding. */
public final class ConvolutionSuite extends Suite<ConvolutionOp> {
    private static final int STEPS = 13;
    private static final int[] ROWS = {13, 0, 5, 1, 12};
    private static final int CHANNELS = 12;
    private static final int OUTPUTS = 18;

    public ConvolutionSuite() {
        super(ConvolutionOp.class, checks());
    }

    private static List<NamedCheck<ConvolutionOp>> checks() {
        List<NamedCheck<ConvolutionOp>> all = new ArrayList<>();
        Map<String, ConvolutionSpec> steps = new LinkedHashMap<>();
        steps.put("same", ConvolutionSpec.steps(3, 1, 1, 1, 1));
        steps.put("strided, dilated", ConvolutionSpec.steps(3, 2, 3, 6, 1));
        steps.put("groups", ConvolutionSpec.steps(4, 1, 2, 0, 3));
        steps.put("one channel a group", ConvolutionSpec.steps(2, 1, 1, 1, 6));
        steps.forEach((name, spec) -> {
            for (boolean ragged : new boolean[] {true, false}) {
                String title = name + (ragged ? ", ragged" : ", full rows");
                all.add(new NamedCheck<>("steps", title, (op, bench) -> steps(op, bench, spec, ragged)));
                all.add(new NamedCheck<>(
                        "steps", title + ", backward", (op, bench) -> stepsBackward(op, bench, spec, ragged)));
            }
        });
        Map<String, ConvolutionSpec> images = new LinkedHashMap<>();
        images.put("same", new ConvolutionSpec(true, 3, 3, 1, 1, 1, 1, 1, 1, 1));
        images.put("strided, dilated", new ConvolutionSpec(true, 2, 3, 2, 1, 1, 2, 1, 2, 1));
        images.put("groups", new ConvolutionSpec(true, 3, 1, 1, 2, 1, 1, 0, 0, 3));
        images.forEach((name, spec) -> {
            all.add(new NamedCheck<>("images", name, (op, bench) -> images(op, bench, spec)));
            all.add(new NamedCheck<>("images", name + ", backward", (op, bench) -> imagesBackward(op, bench, spec)));
        });
        return all;
    }

    private static Runnable steps(ConvolutionOp op, Workbench bench, ConvolutionSpec spec, boolean ragged) {
        Tensor x = bench.input("x", STEPS, ROWS.length, CHANNELS);
        Lengths lengths = ragged ? bench.lengths(STEPS, ROWS) : null;
        Tensor w = bench.input("w", OUTPUTS, CHANNELS / spec.groups(), spec.kernelHeight());
        Tensor b = bench.input("b", OUTPUTS);
        Tensor y = bench.output("y", 7, ROWS.length, OUTPUTS);
        return () -> op.forward(spec, x, lengths, w, b, y);
    }

    private static Runnable stepsBackward(ConvolutionOp op, Workbench bench, ConvolutionSpec spec, boolean ragged) {
        Tensor x = bench.input("x", STEPS, ROWS.length, CHANNELS);
        Lengths lengths = ragged ? bench.lengths(STEPS, ROWS) : null;
        Tensor w = bench.input("w", OUTPUTS, CHANNELS / spec.groups(), spec.kernelHeight());
        Tensor dy = bench.input("dy", 7, ROWS.length, OUTPUTS);
        Tensor dx = bench.output("dx", STEPS, ROWS.length, CHANNELS);
        Tensor dw = bench.accumulator("dw", OUTPUTS, CHANNELS / spec.groups(), spec.kernelHeight());
        Tensor db = bench.accumulator("db", OUTPUTS);
        return () -> op.backward(spec, x, lengths, w, dy, dx, dw, db);
    }

    private static Runnable images(ConvolutionOp op, Workbench bench, ConvolutionSpec spec) {
        Tensor x = bench.input("x", 3, CHANNELS, 7, 9);
        Tensor w = weights(bench, spec);
        Tensor b = bench.input("b", OUTPUTS);
        Tensor y = bench.output("y", 3, OUTPUTS, 5, 6);
        return () -> op.forward(spec, x, null, w, b, y);
    }

    private static Tensor weights(Workbench bench, ConvolutionSpec spec) {
        return bench.input("w", OUTPUTS, CHANNELS / spec.groups(), spec.kernelHeight(), spec.kernelWidth());
    }

    private static Runnable imagesBackward(ConvolutionOp op, Workbench bench, ConvolutionSpec spec) {
        Tensor x = bench.input("x", 3, CHANNELS, 7, 9);
        Tensor w = weights(bench, spec);
        Tensor dy = bench.input("dy", 3, OUTPUTS, 5, 6);
        Tensor dx = bench.output("dx", 3, CHANNELS, 7, 9);
        Tensor dw = bench.accumulator("dw", OUTPUTS, CHANNELS / spec.groups(), spec.kernelHeight(), spec.kernelWidth());
        Tensor db = bench.accumulator("db", OUTPUTS);
        return () -> op.backward(spec, x, null, w, dy, dx, dw, db);
    }
}
