package org.gatefold.benchmarks.onednn;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.dnnl.IntMemoryMap;
import org.bytedeco.dnnl.engine;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.primitive;
import org.bytedeco.dnnl.primitive_attr;
import org.bytedeco.dnnl.primitive_desc_base;
import org.bytedeco.dnnl.reorder;
import org.bytedeco.dnnl.stream;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.Pointer;

/**
 * The CPU engine with its stream, and the native objects made from it: those live until the engine is closed. For one
 * thread.
 */
final class Engine implements AutoCloseable {
    private final engine cpu = new engine(dnnl.dnnl_cpu, 0);
    private final stream queue = new stream(cpu);
    private final List<Pointer> owned = new ArrayList<>();

    engine cpu() {
        return cpu;
    }

    <P extends Pointer> P own(P pointer) {
        owned.add(pointer);
        return pointer;
    }

    memory.desc dense(memory.data_type type, memory.format_tag tag, long... dims) {
        return own(new memory.desc(dims, type, tag));
    }

    /** The descriptor of something that is left out. */
    memory.desc none() {
        return own(new memory.desc());
    }

    /** Lets the caller give the scratch space, so that nothing is allocated per iteration. */
    primitive_attr callersScratch() {
        primitive_attr attributes = own(new primitive_attr());
        attributes.set_scratchpad_mode(dnnl.dnnl_scratchpad_mode_user);
        return attributes;
    }

    memory allocate(memory.desc layout) {
        return own(new memory(layout, cpu));
    }

    memory scratch(primitive_desc_base primitive) {
        return allocate(own(primitive.query_md(dnnl.dnnl_query_scratchpad_md, 0)));
    }

    /** New memory of the given layout and type with the values of dense f32 data. */
    memory upload(float[] values, memory.desc denseFloat32, memory.desc layout) {
        memory dense = allocate(denseFloat32);
        floats(dense, values.length).put(values);
        if (sameLayout(denseFloat32, layout)) {
            return dense;
        }
        memory converted = allocate(layout);
        convert(dense, converted);
        return converted;
    }

    /** The values of a memory as dense f32. */
    float[] download(memory source, memory.desc denseFloat32) {
        memory dense = allocate(denseFloat32);
        convert(source, dense);
        float[] values = new float[Math.toIntExact(denseFloat32.get_size() / Float.BYTES)];
        floats(dense, values.length).get(values);
        return values;
    }

    private static FloatPointer floats(memory dense, int length) {
        return new FloatPointer(dense.get_data_handle()).capacity(length);
    }

    private void convert(memory from, memory to) {
        try (reorder conversion = new reorder(from, to)) {
            conversion.execute(queue, from, to);
            queue._wait();
        }
    }

    static boolean sameLayout(memory.desc a, memory.desc b) {
        return dnnl.dnnl_memory_desc_equal(a.get(), b.get()) != 0;
    }

    void zero(memory target, memory.desc layout) {
        Pointer.memset(target.get_data_handle(), 0, layout.get_size());
    }

    void execute(primitive what, IntMemoryMap arguments) {
        what.execute(queue, arguments);
    }

    void execute(Conversion conversion) {
        conversion.primitive().execute(queue, conversion.from(), conversion.to());
    }

    /** A conversion that is repeated in every iteration. */
    Conversion conversion(memory from, memory to) {
        return new Conversion(own(new reorder(from, to)), from, to);
    }

    void await() {
        queue._wait();
    }

    @Override
    public void close() {
        for (int i = owned.size() - 1; i >= 0; i--) {
            owned.get(i).close();
        }
        queue.close();
        cpu.close();
    }

    /** A reorder primitive with its two memories, which the engine owns. */
    record Conversion(reorder primitive, memory from, memory to) {}
}
