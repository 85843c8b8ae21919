package org.gatefold.layer;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.function.Supplier;
import org.gatefold.device.Scope;
import org.gatefold.op.embedding.EmbeddingOp;
import org.gatefold.tensor.Shape;
import org.gatefold.tensor.Tensor;

/**
 * What the layers of a model carry from one chunk of a stream to the next: states of cells, the last steps that a convolution read.
 *
 * <p>Layers declare their states once, by {@link Layer#stream}, and a module those of its own; in a pass, they find this attached to the context, read what was before and
 * give what is after it. A pass counts once it has ended: till then, all states are what they were. Owns its memory through a child of the
 * scope that it is placed in; one thread at a time.
 */
public final class StreamStates implements Carried {
    private final int rows;
    private final int mostSteps;
    private final List<State> all = new ArrayList<>();
    private final IdentityHashMap<Object, List<State>> byOwner = new IdentityHashMap<>();
    private boolean leavesOutSteps;
    private long elements;
    private Scope scope;
    private Tensor now;
    private Tensor next;

    /** A state: {@code [parts, rows, size]}. */
    private static final class State {
        private final String name;
        private final int parts;
        private final int size;
        private final long from;
        private final Supplier<float[]> first;
        private Tensor now;
        private Tensor next;
        private boolean taken;

        State(String name, int parts, int size, long from, Supplier<float[]> first) {
            this.name = name;
            this.parts = parts;
            this.size = size;
            this.from = from;
            this.first = first;
        }
    }

    /**
     * @param rows that move together
     * @param mostSteps that a sequence may have, for layers that keep all of them; 0 if that is not said
     */
    public StreamStates(int rows, int mostSteps) {
        this.rows = rows;
        this.mostSteps = mostSteps;
    }

    /** Rows that move together. */
    public int rows() {
        return rows;
    }

    /** How many steps a sequence may have, for layers that keep all of them; 0 if that was not said. */
    public int mostSteps() {
        return mostSteps;
    }

    /**
     * Asks a layer what it carries.
     *
     * @throws IllegalArgumentException if it cannot run chunk by chunk, with the reason
     */
    public void add(Layer layer) {
        if (!byOwner.containsKey(layer)) {
            layer.stream(this);
        }
    }

    /**
     * Declares the next state of a layer.
     *
     * @param name unique within the layer
     * @param parts of a row's state, outermost: layers of a stack, steps of a history
     * @param size numbers of a part
     * @param first gives {@code parts * size} numbers that a row starts from; null means zeros
     */
    public void declare(Layer layer, String name, int parts, int size, Supplier<float[]> first) {
        declareOwn(layer, layer.name() + "." + name, parts, size, first);
    }

    /**
     * Declares the next state of a module's own, which is none of its layers'.
     *
     * @param owner the module
     * @param name unique within the model
     * @param parts of a row's state, outermost
     * @param size numbers of a part
     * @param first gives {@code parts * size} numbers that a row starts from; null means zeros
     */
    public void declareOwn(Object owner, String name, int parts, int size, Supplier<float[]> first) {
        if (now != null) {
            throw new IllegalStateException("stream: states are declared before the first step");
        }
        State state = new State(name, parts, size, elements, first);
        all.add(state);
        byOwner.computeIfAbsent(owner, key -> new ArrayList<>()).add(state);
        elements = Math.addExact(elements, Shape.of(parts, rows, size).elements());
    }

    /** Says that steps may be left out by masks, for the layers that are asked after this. */
    public void leaveOutSteps() {
        leavesOutSteps = true;
    }

    /** Whether steps may be left out by masks. */
    public boolean leavesOutSteps() {
        return leavesOutSteps;
    }

    /**
     * For layers to which a step that is left out is another thing behind the last real step than before it, which a stream cannot tell.
     *
     * @throws IllegalArgumentException if steps may be left out
     */
    public void requireAllSteps(Layer layer) {
        if (leavesOutSteps) {
            throw refusal(layer, "takes no masks in a stream, and a Masking comes before it");
        }
    }

    /** What a layer throws that cannot run chunk by chunk, with the reason. */
    public IllegalArgumentException refusal(Layer layer, String why) {
        return new IllegalArgumentException("stream: layer '" + layer.name() + "' (" + layer.type() + ") " + why);
    }

    /** Whether a layer has declared states. */
    public boolean has(Layer layer) {
        return byOwner.containsKey(layer);
    }

    /** Takes memory for all states, which are the first ones then. */
    public StreamStates place(Scope parent) {
        scope = parent.child("stream");
        int room = Math.toIntExact(Math.max(1, elements));
        now = scope.zeros("states", room);
        next = scope.zeros("next states", room);
        for (State state : all) {
            Shape shape = Shape.of(state.parts, rows, state.size);
            state.now = now.part(state.name, state.from, shape);
            state.next = next.part(state.name, state.from, shape);
        }
        clear();
        return this;
    }

    /**
     * The state before the pass.
     *
     * @param owner a layer, or the module
     * @param number of the owner's states, in the order of declaration
     * @return {@code [parts, rows, size]}, to be read
     */
    public Tensor before(Object owner, int number) {
        return state(owner, number).now;
    }

    /**
     * Gives the state after the pass.
     *
     * @param value of as many numbers, copied
     * @throws IllegalStateException if the layer has given it before in this pass
     */
    public void after(Object owner, int number, Tensor value) {
        Tensor next = after(owner, number);
        next.copyFrom(value.reshape(next.shape().toArray()));
    }

    /**
     * The state after the pass, to be written by the layer as far as it will read it.
     *
     * @return {@code [parts, rows, size]}
     * @throws IllegalStateException if the layer has given it before in this pass
     */
    public Tensor after(Object owner, int number) {
        State state = state(owner, number);
        if (state.taken) {
            throw new IllegalStateException("stream: state '" + state.name
                    + "': its layer is applied more than once in a step, and has states for one");
        }
        state.taken = true;
        return state.next;
    }

    private State state(Object owner, int number) {
        List<State> states = byOwner.get(owner);
        if (states == null || number >= states.size()) {
            String name = owner instanceof Layer layer ? "layer '" + layer.name() + "'" : "the module";
            throw new IllegalStateException(
                    "stream: " + name + " was not asked for states; a layer passes on to layers within it by add");
        }
        return states.get(number);
    }

    /** Begins a pass. */
    public void begin() {
        for (int i = 0; i < all.size(); i++) {
            all.get(i).taken = false;
        }
    }

    /** Ends a pass that went well: what layers gave is what they find from now on. */
    public void end() {
        for (int i = 0; i < all.size(); i++) {
            State state = all.get(i);
            if (!state.taken) {
                state.next.copyFrom(state.now);
            }
            Tensor before = state.now;
            state.now = state.next;
            state.next = before;
        }
        Tensor before = now;
        now = next;
        next = before;
    }

    /** Sets the states of all rows to the first ones. */
    @Override
    public void clear() {
        for (State state : all) {
            if (state.first == null) {
                state.now.fill(0f);
            } else {
                for (int row = 0; row < rows; row++) {
                    write(state, row, state.first.get());
                }
            }
        }
    }

    /** Sets the states of one row to the first ones. */
    public void clear(int row) {
        for (State state : all) {
            write(state, row, state.first == null ? new float[state.parts * state.size] : state.first.get());
        }
    }

    private void write(State state, int row, float[] values) {
        for (int part = 0; part < state.parts; part++) {
            state.now.write(((long) part * rows + row) * state.size, values, part * state.size, state.size);
        }
    }

    /**
     * Sets the states of every row to those of a row of a stream of the same layers, or of this one.
     *
     * @param from for each of these rows the other one
     * @param arena for what is made on the way
     */
    public void take(StreamStates other, int[] from, Scope arena) {
        EmbeddingOp op = scope.device().operation(EmbeddingOp.class);
        for (int i = 0; i < all.size(); i++) {
            State state = all.get(i);
            int[] places = new int[Math.multiplyExact(state.parts, rows)];
            for (int place = 0; place < places.length; place++) {
                places[place] = place / rows * other.rows + from[place % rows];
            }
            Tensor ids = arena.i32("places", state.parts, rows);
            ids.write(places);
            op.forward(
                    ids,
                    null,
                    other.all.get(i).now.reshape(state.parts * other.rows, state.size),
                    0f,
                    state.next.reshape(state.parts, rows, state.size));
            state.taken = true;
        }
        end();
    }

    /** All states in one, in the order of declaration; no more than a number if there are none. */
    public Tensor values() {
        return now;
    }

    /** Number of rows, names and sizes of all states: what two streams have in common that may take each other's values. */
    public List<String> layout() {
        List<String> layout = new ArrayList<>();
        all.forEach(state -> layout.add(state.name + " [" + state.parts + ", " + state.size + "]"));
        return layout;
    }

    /** Frees the memory. */
    @Override
    public void close() {
        scope.close();
    }
}
