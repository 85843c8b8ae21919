package org.gatefold.benchmarks.onednn;

import org.bytedeco.dnnl.memory;

/** {@link OneDnn} with inputs, weights and outputs in bfloat16; master weights, cell state and gradients stay f32. */
public final class OneDnnBfloat16 extends OneDnn {
    public OneDnnBfloat16() {
        super(memory.data_type.bf16);
    }
}
