package org.gatefold.backend.cuda.cudnn;

import java.util.ArrayList;
import java.util.List;
import org.gatefold.backend.cuda.driver.CudaContext;
import org.gatefold.backend.cuda.driver.CudaException;
import org.gatefold.backend.cuda.kernel.KernelArguments;
import org.gatefold.backend.cuda.kernel.Kernels;
import org.gatefold.device.Scope;
import org.gatefold.op.recurrent.Cell;
import org.gatefold.op.recurrent.RecurrentSpec;
import org.gatefold.op.recurrent.RecurrentWeights;
import org.gatefold.op.recurrent.RecurrentWeights.Part;
import org.gatefold.tensor.Tensor;

/**
 * The weights of a stack in cuDNN's packed space, which lives as long as the plan. One thread at a time.
 *
 * <p>Parameters are copied into the space, and gradients added back out of it, by one kernel over a table of runs; a run is
 * as long as canonical order and cuDNN's agree. They are not views into the space, because optimiser, norms, files and all
 * other implementations work on one flat buffer of canonical parameters, whose single bias cuDNN would not know, and because
 * plans of several sizes share one set of parameters while each has a space of its own. What that costs is one pass over
 * the parameters an update.
 *
 * <p>The canonical bias stands in cuDNN's first one, of the input; the second, of the recurrence, stays zero, except for the
 * candidate of a GRU, which has both. cuDNN gives both the same gradient wherever they are added, and the second one's is
 * dropped. Where the input skips the product, cuDNN has no matrices for it in the first layer, but the biases.
 */
final class CudnnWeights {
    private static final int BLOCK = 256;
    private static final int INTS_OF_RUN = 6;

    private final CudaContext context;
    private final Kernels kernels;
    private final CudnnType type;
    private final CudnnStack stack;
    private final CudnnCalls.Room space;
    private final List<Run> runs = new ArrayList<>();
    private final Table parameters;
    private final Table gradients;

    /**
     * Parameters that stand in the same order here and there.
     *
     * @param set of the stack
     * @param first parameter of the part
     * @param place of the first one in the space, in elements
     */
    private record Run(int set, Part part, long first, long place, long count) {
        boolean goesOnIn(Run next) {
            return set == next.set && part == next.part && first + count == next.first && place + count == next.place;
        }

        Run with(Run next) {
            return new Run(set, part, first, place, count + next.count);
        }
    }

    CudnnWeights(
            CudnnCalls calls,
            CudaContext context,
            Kernels kernels,
            CudnnType type,
            CudnnStack stack,
            CudnnRnn rnn,
            Scope scope) {
        this.context = context;
        this.kernels = kernels;
        this.type = type;
        this.stack = stack;
        Tensor memory = scope.bytes("cuDNN weights", stack.weightBytes());
        memory.fill(0f);
        this.space = new CudnnCalls.Room(memory.address(), stack.weightBytes());
        for (int set = 0; set < stack.spec().weightSets(); set++) {
            askForPlaces(calls, rnn, set);
        }
        this.parameters = new Table(scope.i32("parameter runs", runs.size() * INTS_OF_RUN));
        this.gradients = new Table(scope.i32("gradient runs", runs.size() * INTS_OF_RUN));
    }

    private void askForPlaces(CudnnCalls calls, CudnnRnn rnn, int set) {
        RecurrentSpec spec = stack.spec();
        int gates = spec.cell().gates();
        int hidden = spec.hiddenSize();
        List<CudnnCalls.Params> all = new ArrayList<>();
        int linears = 2 * gates + (spec.projects() ? 1 : 0);
        for (int linear = 0; linear < linears; linear++) {
            all.add(calls.params(rnn, space, set, linear));
        }
        int layer = set / spec.directions();
        for (int gate = 0; gate < gates && !spec.skipsInput(layer); gate++) {
            add(set, Part.WX, gate, all.get(gate).matrix(), hidden, spec.inputOf(layer));
        }
        for (int gate = 0; gate < gates; gate++) {
            add(set, Part.WH, gate, all.get(gates + gate).matrix(), hidden, spec.projectionSize());
        }
        for (int gate = 0; gate < gates; gate++) {
            add(set, Part.B, gate, all.get(gate).bias(), hidden, 1);
        }
        if (spec.cell() == Cell.GRU) {
            add(set, Part.B, gates, all.get(2 * gates - 1).bias(), hidden, 1);
        }
        if (spec.projects()) {
            add(set, Part.WR, 0, all.get(2 * gates).matrix(), spec.projectionSize(), hidden);
        }
    }

    private void add(int set, Part part, int block, CudnnCalls.Place place, int rows, int columns) {
        if (place == null || place.rows() != rows || place.columns() != columns) {
            throw new CudaException("cudnnGetRNNWeightParams: expected " + rows + " x " + columns + " for block "
                    + block + " of " + part + ", got "
                    + (place == null ? "nothing" : place.rows() + " x " + place.columns()));
        }
        long count = (long) rows * columns;
        Run run = new Run(set, part, block * count, place.offset() / type.bytes(), count);
        Run last = runs.isEmpty() ? null : runs.get(runs.size() - 1);
        if (last != null && last.goesOnIn(run)) {
            runs.set(runs.size() - 1, last.with(run));
        } else {
            runs.add(run);
        }
    }

    /** The weight space. */
    CudnnCalls.Room space() {
        return space;
    }

    /**
     * Copies parameters into the space.
     *
     * @param all of the plan, read
     */
    void pack(RecurrentWeights all) {
        launch("pack_parameters_" + type.suffix(), parameters.of(all), space);
    }

    /**
     * Adds gradients to those of the parameters.
     *
     * @param packed gradients in the order of the space, read
     * @param all gradients of the plan, added to
     */
    void addGradients(CudnnCalls.Room packed, RecurrentWeights all) {
        launch("add_packed_" + type.suffix(), gradients.of(all), packed);
    }

    private void launch(String kernel, Tensor table, CudnnCalls.Room packed) {
        long longest = runs.stream().mapToLong(Run::count).max().orElse(1);
        int blocks = (int) Math.min((longest + BLOCK - 1) / BLOCK, context.multiprocessors() * 4L);
        kernels.launch(
                context.stream(),
                kernel,
                blocks,
                runs.size(),
                BLOCK,
                1,
                KernelArguments.of().tensor(table).address(packed.address()));
    }

    /** The runs on the device, written again only when the tensors have moved. */
    private final class Table {
        private final Tensor table;
        private List<Long> written = List.of();

        Table(Tensor table) {
            this.table = table;
        }

        Tensor of(RecurrentWeights all) {
            List<Long> addresses = new ArrayList<>(runs.size());
            for (Run run : runs) {
                Tensor part = all.sets().get(stack.firstSet() + run.set()).get(run.part());
                addresses.add(part.address() + run.first() * Float.BYTES);
            }
            if (!addresses.equals(written)) {
                int[] words = new int[runs.size() * INTS_OF_RUN];
                for (int i = 0; i < runs.size(); i++) {
                    put(words, i * INTS_OF_RUN, addresses.get(i));
                    put(words, i * INTS_OF_RUN + 2, runs.get(i).place());
                    put(words, i * INTS_OF_RUN + 4, runs.get(i).count());
                }
                table.write(words);
                written = addresses;
            }
            return table;
        }

        private static void put(int[] words, int at, long value) {
            words[at] = (int) value;
            words[at + 1] = (int) (value >>> 32);
        }
    }
}
