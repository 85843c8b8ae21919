package org.gatefold.benchmarks.jmh;

import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorArrayRefOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.gatefold.autograd.Variable;
import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.layer.Context;
import org.gatefold.layer.Functional;
import org.gatefold.layer.Initializer;
import org.gatefold.layer.Parameter;
import org.gatefold.layer.ParameterStore;
import org.gatefold.layer.cell.CellFunction;
import org.gatefold.layer.cell.CellLoop;
import org.gatefold.layer.cell.CellParts;
import org.gatefold.layer.cell.CellStates;
import org.gatefold.op.elementwise.Activation;
import org.gatefold.tensor.Form;
import org.gatefold.tensor.Shape;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * An LSTM written as a cell of a program's own, forward and backward, beside the same loop in libtorch: the product with x for all steps at
 * once, then one function after the other. On the CPU, by one thread.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class CellLoopBenchmark {
    /** T. */
    @Param("60")
    public int steps;

    /** B. */
    @Param("32")
    public int batch;

    /** I. */
    @Param("32")
    public int features;

    /** H. */
    @Param("64")
    public int units;

    private Device device;
    private org.gatefold.device.Scope scope;
    private Context context;
    private ParameterStore store;
    private CellLoop loop;
    private float[] x;
    private float[] dy;

    private Tensor input;
    private Tensor wx;
    private Tensor wh;
    private Tensor b;
    private Tensor zeros;
    private Tensor gradient;

    /** The cell. */
    private static final class LoopedLstm extends CellFunction {
        private final int units;
        private Parameter wx;
        private Parameter wh;
        private Parameter b;

        LoopedLstm(int units) {
            this.units = units;
        }

        @Override
        protected int declare(CellParts parts, int features) {
            wx = parts.parameter("wx", Shape.of(4 * units, features), Initializer.GLOROT_UNIFORM);
            wh = parts.parameter("wh", Shape.of(4 * units, units), Initializer.ORTHOGONAL);
            b = parts.parameter("b", Shape.of(4 * units), Initializer.ZEROS);
            parts.state(units);
            parts.state(units);
            return units;
        }

        @Override
        protected Variable prepare(Context context, Variable x) {
            return Functional.linear(context, x, wx, b);
        }

        @Override
        protected Variable step(Context context, Variable x, CellStates states) {
            Variable product = Functional.linear(context, states.get(0), wh, null);
            Variable[] gates = Functional.split(context, Functional.add(context, x, product), 4);
            Variable i = Functional.activate(context, Activation.SIGMOID, gates[0]);
            Variable f = Functional.activate(context, Activation.SIGMOID, gates[1]);
            Variable g = Functional.activate(context, Activation.TANH, gates[2]);
            Variable o = Functional.activate(context, Activation.SIGMOID, gates[3]);
            Variable kept = Functional.multiply(context, f, states.get(1));
            Variable c = states.set(1, Functional.add(context, kept, Functional.multiply(context, i, g)));
            return states.set(0, Functional.multiply(context, o, Functional.activate(context, Activation.TANH, c)));
        }
    }

    @Setup(Level.Trial)
    @SuppressWarnings("MustBeClosedChecker") // closed by close()
    public void prepare() {
        x = random(steps * batch * features);
        dy = random(steps * batch * units);
        device = Devices.cpu(1);
        scope = device.openScope("model");
        store = new ParameterStore();
        loop = CellLoop.of(new LoopedLstm(units)).returnSequences();
        loop.build(store, "loop", Form.sequences(features));
        store.allocate(scope, 1);
        context = Context.training(device, 1);

        torch.set_num_threads(1);
        input = Tensor.create(x, steps, batch, features);
        input.set_requires_grad(true);
        wx = trained("loop.wx", 4L * units, features);
        wh = trained("loop.wh", 4L * units, units);
        b = trained("loop.b", 4L * units);
        zeros = Tensor.create(new float[batch * units], batch, units);
        gradient = Tensor.create(dy, steps, batch, units);
        float[] ours = new float[dy.length];
        gatefold().value().read(0, ours, 0, ours.length);
        try (PointerScope pointers = new PointerScope()) {
            float[] theirs = new float[dy.length];
            forward().detach().contiguous().data_ptr_float().get(theirs);
            for (int i = 0; i < theirs.length; i++) {
                if (!(Math.abs(ours[i] - theirs[i]) < 1e-4f)) {
                    throw new IllegalStateException("y[" + i + "]: " + ours[i] + " against " + theirs[i]);
                }
            }
        }
    }

    private Tensor trained(String name, long... shape) {
        Tensor tensor = Tensor.create(store.get(name).value().toFloats(), shape);
        tensor.set_requires_grad(true);
        return tensor;
    }

    private static float[] random(int count) {
        Random random = new Random(count);
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = random.nextFloat() - 0.5f;
        }
        return values;
    }

    @Benchmark
    public Variable gatefold() {
        context.begin(1);
        org.gatefold.tensor.Tensor value = context.scope().f32("x", steps, batch, features);
        value.write(x);
        store.zeroGradients();
        Variable y = loop.forward(context, Variable.of(value, null, context.scope()));
        org.gatefold.tensor.Tensor contribution = y.contribution();
        contribution.write(dy);
        y.contributed(contribution);
        context.tape().backward();
        return y;
    }

    @Benchmark
    public void libtorch() {
        try (PointerScope pointers = new PointerScope()) {
            for (Tensor one : new Tensor[] {input, wx, wh, b}) {
                one.mutable_grad().reset();
            }
            forward().backward(gradient, new BoolOptional(), false, new TensorArrayRefOptional());
        }
    }

    private Tensor forward() {
        Tensor products = torch.linear(input, wx, new org.bytedeco.pytorch.TensorOptional(b));
        Tensor h = zeros;
        Tensor c = zeros;
        TensorVector outputs = new TensorVector();
        for (int t = 0; t < steps; t++) {
            TensorVector gates = products.select(0, t).add(torch.linear(h, wh)).chunk(4, 1);
            Tensor kept = gates.get(1).sigmoid().mul(c);
            c = kept.add(gates.get(0).sigmoid().mul(gates.get(2).tanh()));
            h = gates.get(3).sigmoid().mul(c.tanh());
            outputs.push_back(h);
        }
        return torch.stack(outputs, 0);
    }

    @TearDown(Level.Trial)
    public void close() {
        context.close();
        scope.close();
        device.close();
    }
}
