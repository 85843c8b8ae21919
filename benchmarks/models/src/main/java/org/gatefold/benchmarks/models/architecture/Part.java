package org.gatefold.benchmarks.models.architecture;

import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;
import org.gatefold.benchmarks.contract.LayerShape;
import org.gatefold.layer.Layer;

/** A part of a model on both sides, under the same names of weights. Immutable. */
interface Part {
    /** Gatefold's layers, those with weights named. */
    List<Layer> layers(Size in);

    /** libtorch's forward pass. */
    Tensor forward(Tensor x, Size in, TorchWeights weights);

    Size output(Size in);

    /** Of the products of a row. */
    default Products products(Size in) {
        return Products.NONE;
    }

    /** The recurrent layers in it. */
    default Optional<LayerShape> recurrent(Size in, int batch) {
        return Optional.empty();
    }
}
