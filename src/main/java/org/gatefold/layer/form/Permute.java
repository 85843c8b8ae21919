package org.gatefold.layer.form;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.gatefold.autograd.Variable;
import org.gatefold.layer.Context;
import org.gatefold.layer.Options;
import org.gatefold.layer.ParameterStore;
import org.gatefold.layer.StepMemory;
import org.gatefold.layer.StepwiseLayer;
import org.gatefold.op.sequence.SequenceOp;
import org.gatefold.tensor.Form;
import org.gatefold.tensor.Tensor;

/**
 * The dimensions of each row or step in another order, counted from 1 as in Keras' Permute: {@code of(3, 1, 2)} makes {@code [B, W, C, H]}
 * of images {@code [B, C, H, W]}. Keeps lengths, has no parameters.
 */
public final class Permute extends StepwiseLayer {
    private final List<Integer> order;
    private List<Swap> swaps = List.of();

    /** Of a list of axes, the first {@code left} and the {@code right} behind them, which change places. */
    private record Swap(int left, int right) {
        List<Integer> of(List<Integer> axes) {
            List<Integer> swapped = new ArrayList<>(axes);
            Collections.rotate(swapped.subList(0, left + right), right);
            return swapped;
        }
    }

    private Permute(List<Integer> order) {
        this.order = order;
    }

    /**
     * @param order for each dimension of the output which one of the input it is, from 1
     */
    public static Permute of(int... order) {
        int[] sorted = order.clone();
        Arrays.sort(sorted);
        for (int i = 0; i < sorted.length; i++) {
            if (sorted[i] != i + 1) {
                throw new IllegalArgumentException(
                        "order: expected each of 1 to " + order.length + " once, got " + Arrays.toString(order));
            }
        }
        if (order.length < 2 || order.length > 4) {
            throw new IllegalArgumentException("order: expected 2 to 4 dimensions, got " + order.length);
        }
        return new Permute(Arrays.stream(order).boxed().toList());
    }

    static Permute described(Options options) {
        return of(Numbers.read(options.map("order")));
    }

    @Override
    protected Map<String, Object> options() {
        return Options.written("order", Numbers.written(order));
    }

    @Override
    protected Form declare(ParameterStore parameters, Form in) {
        if (in.dimensions().size() != order.size()) {
            throw new IllegalArgumentException("layer '" + name() + "': expected " + order.size()
                    + " dimensions beside rows and steps, got " + in);
        }
        swaps = swaps();
        return new Form(
                in.type(),
                in.sequence(),
                order.stream().map(axis -> in.dimensions().get(axis - 1)).toList());
    }

    /** The fewest swaps at the front that bring axes, rows being number 0, into their order: a search in breadth. */
    private List<Swap> swaps() {
        List<Integer> first = new ArrayList<>();
        for (int axis = 0; axis <= order.size(); axis++) {
            first.add(axis);
        }
        List<Integer> last = new ArrayList<>(order);
        last.add(0, 0);
        Map<List<Integer>, List<Swap>> reached = new HashMap<>();
        reached.put(first, List.of());
        ArrayDeque<List<Integer>> open = new ArrayDeque<>(List.of(first));
        while (!reached.containsKey(last)) {
            List<Integer> axes = open.remove();
            for (int left = 1; left < axes.size(); left++) {
                for (int right = 1; left + right <= axes.size(); right++) {
                    Swap swap = new Swap(left, right);
                    List<Integer> next = swap.of(axes);
                    if (!reached.containsKey(next)) {
                        List<Swap> way = new ArrayList<>(reached.get(axes));
                        way.add(swap);
                        reached.put(next, way);
                        open.add(next);
                    }
                }
            }
        }
        return reached.get(last);
    }

    @Override
    protected Variable apply(Context context, Variable x) {
        int free = input().sequence() ? 2 : 1;
        int[] sizes = new int[order.size() + 1];
        sizes[0] = 1;
        for (int i = 0; i < x.shape().rank(); i++) {
            int axis = Math.max(0, i - free + 1);
            sizes[axis] = i < free ? sizes[0] * x.shape().dim(i) : x.shape().dim(i);
        }
        if (swaps.isEmpty()) {
            return x;
        }
        int steps = x.shape().dim(0);
        int batch = x.shape().dim(free - 1);
        Variable y = context.output("y", x.requiresGradient(), x.lengths(), output().shape(steps, batch));
        int[][] blocks = blocks(sizes);
        SequenceOp op = context.op(SequenceOp.class);
        Tensor from = x.value();
        for (int i = 0; i < blocks.length; i++) {
            Tensor to = i == blocks.length - 1 ? y.value() : context.scope().f32("permuted", x.shape());
            int[] b = blocks[i];
            op.transpose(from.reshape(b[0], b[1], b[2]), to.reshape(b[1], b[0], b[2]));
            from = to;
        }
        if (y.requiresGradient()) {
            context.tape().record(y, () -> back(context, op, blocks, x, y));
        }
        return y;
    }

    private static void back(Context context, SequenceOp op, int[][] blocks, Variable x, Variable y) {
        Tensor dx = x.contribution();
        Tensor from = y.gradient();
        for (int i = blocks.length - 1; i >= 0; i--) {
            Tensor to = i == 0 ? dx : context.scope().f32("permuted back", x.shape());
            int[] b = blocks[i];
            op.transpose(from.reshape(b[1], b[0], b[2]), to.reshape(b[0], b[1], b[2]));
            from = to;
        }
        x.contributed(dx);
    }

    /** For each swap the sizes of the two blocks and of what stands behind them. */
    private int[][] blocks(int... sizes) {
        int[] axes = sizes.clone();
        int[][] blocks = new int[swaps.size()][];
        for (int i = 0; i < blocks.length; i++) {
            Swap swap = swaps.get(i);
            int both = swap.left() + swap.right();
            blocks[i] = new int[] {
                product(axes, 0, swap.left()), product(axes, swap.left(), both), product(axes, both, axes.length)
            };
            int[] swapped = axes.clone();
            System.arraycopy(axes, swap.left(), swapped, 0, swap.right());
            System.arraycopy(axes, 0, swapped, swap.right(), swap.left());
            axes = swapped;
        }
        return blocks;
    }

    private static int product(int[] sizes, int from, int to) {
        int product = 1;
        for (int i = from; i < to; i++) {
            product = Math.multiplyExact(product, sizes[i]);
        }
        return product;
    }

    @Override
    protected void account(StepMemory memory, int steps, int batch) {
        // The gradient of y, and in place of that of x those between swaps.
        for (int i = 0; i < swaps.size(); i++) {
            memory.differentiable(output().elements(steps, batch));
        }
    }
}
