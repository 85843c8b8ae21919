package org.gatefold.layer.cell;

import org.gatefold.autograd.Variable;
import org.gatefold.layer.Context;
import org.gatefold.layer.Functional;
import org.gatefold.layer.Initializer;
import org.gatefold.layer.Parameter;
import org.gatefold.tensor.Shape;

/** A cell whose steps read an affine map of the input, {@code w x + b}, which is computed for all steps at once. */
abstract class ProductCell extends SizedCell {
    /** First values of a bias: zeros. */
    static final Parameter.Filling NO_BIAS = (shape, seed) -> new float[Math.toIntExact(shape.elements())];

    private Parameter w;
    private Parameter b;

    ProductCell(int units) {
        super(units);
    }

    /** Declares {@code w [rows, features]}, at first Glorot uniform, and {@code b [rows]}. */
    final void declareProduct(CellParts parts, int rows, int features, Parameter.Filling bias) {
        w = parts.parameter("w", Shape.of(rows, features), Initializer.GLOROT_UNIFORM);
        b = parts.parameter("b", Shape.of(rows), bias);
    }

    @Override
    protected final Variable prepare(Context context, Variable x) {
        return Functional.linear(context, x, w, b);
    }
}
