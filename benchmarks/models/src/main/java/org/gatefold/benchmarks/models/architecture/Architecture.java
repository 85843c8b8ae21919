package org.gatefold.benchmarks.models.architecture;

import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.gatefold.benchmarks.contract.LayerShape;
import org.gatefold.model.Network;

/** A network as each side has it. Immutable. */
public interface Architecture {
    /** Gatefold's. */
    Network network();

    /** Rows to train on. */
    Examples examples(int rows);

    /**
     * libtorch's forward pass.
     *
     * @param inputs of a batch, steps first
     * @return {@code [B, C]} or {@code [T, B, C]}
     */
    Tensor forward(List<Tensor> inputs, TorchWeights weights);

    /** Multiply-adds of the matrix products that an update needs for each row of the batch. */
    double products();

    /** The recurrent layers. */
    List<LayerShape> recurrent(int batch);
}
