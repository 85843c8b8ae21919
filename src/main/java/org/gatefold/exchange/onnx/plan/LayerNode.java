package org.gatefold.exchange.onnx.plan;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.gatefold.autograd.Variable;
import org.gatefold.exchange.onnx.graph.Move;
import org.gatefold.exchange.onnx.graph.Moves;
import org.gatefold.exchange.onnx.graph.OnnxFolder;
import org.gatefold.exchange.onnx.graph.OnnxNode;
import org.gatefold.exchange.onnx.graph.OnnxTensor;
import org.gatefold.exchange.onnx.plan.PlanBuilder.Source;
import org.gatefold.exchange.onnx.plan.PlanBuilder.Value;
import org.gatefold.layer.Context;
import org.gatefold.layer.Functional;
import org.gatefold.layer.Parameter;
import org.gatefold.layer.recurrent.RecurrentLayer;
import org.gatefold.layer.recurrent.state.LayerState;
import org.gatefold.op.convolution.ConvolutionSpec;
import org.gatefold.op.pooling.PoolingSpec;
import org.gatefold.op.sequence.SequenceOp.Pooling;
import org.gatefold.tensor.Lengths;
import org.gatefold.tensor.Shape;

/** Turns nodes with weights, and windows, into steps of a plan. One use. */
final class LayerNode {
    private final PlanBuilder plan;
    private final OnnxNode node;
    private final List<Value> in;

    LayerNode(PlanBuilder plan, OnnxNode node, List<Value> in) {
        this.plan = plan;
        this.node = node;
        this.in = in;
    }

    /** False if the operator is not known. */
    boolean follow() {
        switch (node.operator()) {
            case OnnxFolder.LINEAR -> linear();
            case OnnxFolder.RECURRENT -> recurrent();
            case "Conv" -> convolution();
            case "MaxPool", "AveragePool" -> pooling();
            case "GlobalAveragePool", "GlobalMaxPool" -> global();
            case "BatchNormalization" -> batchNorm();
            case "LayerNormalization" -> layerNorm();
            default -> {
                return false;
            }
        }
        return true;
    }

    private String weights(int index) {
        Value value = index < in.size() ? in.get(index) : null;
        if (value == null || value.parameter() == null) {
            throw new IllegalArgumentException("inputs: expected number " + index + " to be weights, got "
                    + (value == null ? "none" : "what depends on data"));
        }
        return value.parameter();
    }

    private String optionalWeights(int index) {
        return index < in.size() && in.get(index) != null ? weights(index) : null;
    }

    private static Parameter parameter(OnnxRun run, String name) {
        return name == null ? null : run.parameter(name);
    }

    private void linear() {
        Value x = in.get(0);
        int[] w = in.get(1).dims();
        int[] dims = x.dims().clone();
        if (dims.length == 0 || dims[dims.length - 1] != w[1]) {
            throw new IllegalArgumentException(
                    "x: expected rows of " + w[1] + " numbers, got " + OnnxTensor.text(dims));
        }
        dims[dims.length - 1] = w[0];
        String weights = weights(1);
        String bias = optionalWeights(2);
        Source source = plan.source(x);
        plan.put(
                node,
                0,
                plan.real(
                        dims,
                        run -> Functional.linear(
                                run.context(), source.of(run), run.parameter(weights), parameter(run, bias))));
    }

    private void recurrent() {
        boolean rowsFirst = node.integer("layout", 0) != 0;
        Value x = in.get(0);
        int features = node.integer("features", 0);
        if (x.rank() != 3 || x.dims()[2] != features) {
            throw new IllegalArgumentException(
                    "X: expected sequences of " + features + " numbers a step, got " + OnnxTensor.text(x.dims()));
        }
        Value steps = rowsFirst ? plan.transposed(x, 1, 0, 2) : x;
        int t = steps.dims()[0];
        int b = steps.dims()[1];
        int directions = node.text("direction", "forward").equals("bidirectional") ? 2 : 1;
        int size = node.integer("hidden_size", 0);
        boolean lstm = node.text("kind", "").equals("LSTM");
        Value lengths = in.get(1);
        if (lengths != null && lengths.count() != b) {
            throw new IllegalArgumentException("sequence_lens: expected " + b + ", got " + lengths.count());
        }
        Source source = plan.source(steps);
        Source h = state(in.get(2), rowsFirst, "initial_h", directions, b, size);
        Source c = lstm ? state(in.get(3), rowsFirst, "initial_c", directions, b, size) : null;
        String name = node.text("layer", "");
        plan.recurrent(name, h == null && c == null && lengths == null);
        Value y = plan.ofStep(t, b, directions, size);
        Value lastH = plan.ofStep(directions, b, size);
        Value lastC = lstm ? plan.ofStep(directions, b, size) : null;
        plan.step(run -> {
            RecurrentLayer<?> layer = run.layer(name);
            Variable of = source.of(run);
            Lengths valid = lengths != null
                    ? run.lengths(t, plan.onHost(run, lengths).ints())
                    : run.lengths() != null
                                    && run.lengths().steps() == t
                                    && run.lengths().batch() == b
                            ? run.lengths()
                            : null;
            RecurrentLayer.Result result = layer.forward(
                    run.context(), of.reshape(valid, t, b, features), initial(run, lstm, h, c, directions, b, size));
            run.set(y.slot(), result.output().reshape(t, b, directions, size));
            run.set(lastH.slot(), result.state().h());
            if (lstm) {
                run.set(lastC.slot(), result.state().c());
            }
        });
        plan.put(node, 0, rowsFirst ? plan.transposed(y, 1, 0, 2, 3) : plan.transposed(y, 0, 2, 1, 3));
        plan.put(node, 1, rowsFirst ? plan.transposed(lastH, 1, 0, 2) : lastH);
        if (lstm) {
            plan.put(node, 2, rowsFirst ? plan.transposed(lastC, 1, 0, 2) : lastC);
        }
    }

    private Source state(Value given, boolean rowsFirst, String what, int directions, int b, int size) {
        if (given == null) {
            return null;
        }
        Value state = rowsFirst && given.rank() == 3 ? plan.transposed(given, 1, 0, 2) : given;
        int[] expected = {directions, b, size};
        if (!Arrays.equals(state.dims(), expected)) {
            throw new IllegalArgumentException(
                    what + ": expected " + OnnxTensor.text(expected) + ", got " + OnnxTensor.text(state.dims()));
        }
        OnnxTensor known = given.constant();
        return known != null && known.isZero() ? null : plan.source(state);
    }

    private static LayerState initial(OnnxRun run, boolean lstm, Source h, Source c, int directions, int b, int size) {
        if (h == null && c == null) {
            return null;
        }
        return new LayerState(
                h == null ? zeros(run.context(), directions, b, size) : h.of(run),
                !lstm ? null : c == null ? zeros(run.context(), directions, b, size) : c.of(run));
    }

    private static Variable zeros(Context context, int... dims) {
        return Variable.constant(context.scope().zeros("zeros", Shape.of(dims)));
    }

    /** What kernels and windows say about the one or two axes that they move along. */
    @SuppressWarnings("ArrayRecordComponent") // compared by nobody
    private record Windows(int[] kernel, int[] strides, int[] dilations, int[] begins, int[] ends) {
        int size(int axis, int length, boolean ceil) {
            int span = dilations[axis] * (kernel[axis] - 1) + 1;
            int room = Math.addExact(length, Math.addExact(begins[axis], ends[axis])) - span;
            if (room < 0) {
                throw new IllegalArgumentException(
                        "kernel_shape: expected at most the " + length + " places with their padding, got " + span);
            }
            int size = (ceil ? (room + strides[axis] - 1) / strides[axis] : room / strides[axis]) + 1;
            // The last window must begin within x or the padding before it.
            return ceil && (size - 1) * strides[axis] >= length + begins[axis] ? size - 1 : size;
        }

        /** The same over images: those over lines are of one row. */
        Windows overImages() {
            return kernel.length == 2
                    ? this
                    : new Windows(
                            new int[] {1, kernel[0]},
                            new int[] {1, strides[0]},
                            new int[] {1, dilations[0]},
                            new int[] {0, begins[0]},
                            new int[] {0, ends[0]});
        }
    }

    private Windows windows(int[] kernel, int... lengths) {
        int axes = lengths.length;
        if (axes < 1 || axes > 2) {
            throw new IllegalArgumentException(
                    "x: expected [N, C, W] or [N, C, H, W], got " + (axes + 2) + " dimensions");
        }
        int[] strides = numbers("strides", axes, 1);
        int[] dilations = numbers("dilations", axes, 1);
        int[] begins = new int[axes];
        int[] ends = new int[axes];
        String auto = node.text("auto_pad", "NOTSET");
        if (auto.startsWith("SAME")) {
            for (int i = 0; i < axes; i++) {
                int out = (lengths[i] + strides[i] - 1) / strides[i];
                int all = Math.max(0, (out - 1) * strides[i] + dilations[i] * (kernel[i] - 1) + 1 - lengths[i]);
                begins[i] = auto.equals("SAME_UPPER") ? all / 2 : all - all / 2;
                ends[i] = all - begins[i];
            }
        } else if (auto.equals("NOTSET") && node.has("pads")) {
            int[] pads = node.integers("pads");
            if (pads.length != 2 * axes || Arrays.stream(pads).anyMatch(pad -> pad < 0)) {
                throw new IllegalArgumentException(
                        "pads: expected " + 2 * axes + " numbers of at least 0, got " + OnnxTensor.text(pads));
            }
            begins = Arrays.copyOf(pads, axes);
            ends = Arrays.copyOfRange(pads, axes, 2 * axes);
        }
        return new Windows(kernel, strides, dilations, begins, ends);
    }

    private int[] numbers(String attribute, int count, int usual) {
        int[] given = node.integers(attribute);
        if (given == null) {
            return IntStream.range(0, count).map(i -> usual).toArray();
        }
        if (given.length != count || Arrays.stream(given).anyMatch(number -> number < 1)) {
            throw new IllegalArgumentException(
                    attribute + ": expected " + count + " numbers of at least 1, got " + OnnxTensor.text(given));
        }
        return given;
    }

    private static int[] behind(int from, int... dims) {
        return Arrays.copyOfRange(dims, Math.min(from, dims.length), dims.length);
    }

    private void convolution() {
        int[] x = in.get(0).dims();
        int[] w = in.get(1) == null ? new int[0] : in.get(1).dims();
        if (w.length != x.length) {
            throw new IllegalArgumentException(
                    "W: expected weights of " + x.length + " dimensions, got " + OnnxTensor.text(w));
        }
        Windows windows = windows(behind(2, w), behind(2, x));
        int[] dims = {x[0], w[0], 0, 0};
        dims = Arrays.copyOf(dims, x.length);
        for (int i = 2; i < x.length; i++) {
            dims[i] = windows.size(i - 2, x[i], false);
        }
        Windows plane = windows.overImages();
        ConvolutionSpec spec = new ConvolutionSpec(
                true,
                plane.kernel()[0],
                plane.kernel()[1],
                plane.strides()[0],
                plane.strides()[1],
                plane.dilations()[0],
                plane.dilations()[1],
                plane.begins()[0],
                plane.begins()[1],
                node.integer("group", 1));
        if (x[1] != w[1] * spec.groups()) {
            throw new IllegalArgumentException("x: expected " + w[1] * spec.groups() + " channels, got " + x[1]);
        }
        Source source = plan.source(in.get(0));
        String weights = weights(1);
        String bias = optionalWeights(2);
        int[] result = dims;
        plan.put(
                node,
                0,
                plan.real(
                        result,
                        run -> DeviceOperators.convolve(
                                run.context(),
                                spec,
                                source.of(run),
                                run.parameter(weights),
                                parameter(run, bias),
                                result)));
    }

    private void pooling() {
        int[] x = in.get(0).dims();
        int[] lengths = behind(2, x);
        Windows windows = windows(numbers("kernel_shape", lengths.length, 1), lengths);
        boolean mean = node.operator().equals("AveragePool");
        boolean ceil = node.integer("ceil_mode", 0) != 0;
        boolean counts = node.integer("count_include_pad", 0) != 0;
        if (Arrays.stream(windows.dilations()).anyMatch(dilation -> dilation != 1)) {
            throw new IllegalArgumentException("dilations: expected 1, got " + OnnxTensor.text(windows.dilations()));
        }
        if (mean && counts && ceil) {
            throw new IllegalArgumentException("count_include_pad: expected 0 with ceil_mode, got 1");
        }
        if (node.outputs().size() > 1 && !node.outputs().get(1).isEmpty()) {
            throw new IllegalArgumentException("outputs: the indices of maxima are not supported");
        }
        int[] dims = x.clone();
        for (int i = 2; i < x.length; i++) {
            dims[i] = windows.size(i - 2, x[i], ceil);
        }
        Windows plane = windows.overImages();
        PoolingSpec spec = new PoolingSpec(
                mean ? PoolingSpec.Kind.AVERAGE : PoolingSpec.Kind.MAX,
                true,
                plane.kernel()[0],
                plane.kernel()[1],
                plane.strides()[0],
                plane.strides()[1],
                plane.begins()[0],
                plane.begins()[1],
                counts);
        Source source = plan.source(in.get(0));
        plan.put(node, 0, plan.real(dims, run -> DeviceOperators.pool(run.context(), spec, source.of(run), dims)));
    }

    private void global() {
        Value x = in.get(0);
        int[] axes = IntStream.range(2, x.rank()).toArray();
        int count = OnnxTensor.count(behind(2, x.dims()));
        int rest = x.count() / count;
        int[] dims = x.dims().clone();
        Arrays.fill(dims, 2, dims.length, 1);
        Source source = plan.source(plan.moved(x, Moves.toFront(x.dims(), axes)));
        Pooling pooling = node.operator().equals("GlobalMaxPool") ? Pooling.MAX : Pooling.MEAN;
        plan.put(
                node,
                0,
                plan.real(
                        dims, run -> DeviceOperators.pool(run.context(), pooling, source.of(run), count, rest, dims)));
    }

    private void batchNorm() {
        if (node.integer("training_mode", 0) != 0) {
            throw new IllegalArgumentException("training_mode: expected 0, got 1");
        }
        Value x = in.get(0);
        String[] names = {weights(1), weights(2), weights(3), weights(4)};
        int[] channels = in.get(1).dims();
        if (x.rank() < 2 || channels.length != 1 || channels[0] != x.dims()[1]) {
            throw new IllegalArgumentException(
                    "x: expected [N, " + OnnxTensor.text(channels) + ", …], got " + OnnxTensor.text(x.dims()));
        }
        float epsilon = node.real("epsilon", 1e-5f);
        Source source = plan.source(x);
        plan.put(
                node,
                0,
                plan.real(
                        x.dims(),
                        run -> DeviceOperators.batchNorm(
                                run.context(),
                                source.of(run),
                                epsilon,
                                run.parameter(names[0]),
                                run.parameter(names[1]),
                                run.parameter(names[2]),
                                run.parameter(names[3]))));
    }

    private void layerNorm() {
        Value x = in.get(0);
        int axis = Move.axis("axis", node.integer("axis", -1), x.rank());
        int features = OnnxTensor.count(behind(axis, x.dims()));
        String gamma = weights(1);
        String beta = optionalWeights(2);
        if (in.get(1).count() != features) {
            throw new IllegalArgumentException("Scale: expected " + features + " numbers, got "
                    + OnnxTensor.text(in.get(1).dims()));
        }
        float epsilon = node.real("epsilon", 1e-5f);
        Source source = plan.source(x);
        plan.put(
                node,
                0,
                plan.real(
                        x.dims(),
                        run -> DeviceOperators.layerNorm(
                                run.context(), source.of(run), epsilon, run.parameter(gamma), parameter(run, beta))));
    }
}
