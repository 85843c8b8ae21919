package org.gatefold.layer;

import java.util.ArrayList;
import java.util.List;
import org.gatefold.autograd.Variable;
import org.gatefold.tensor.Lengths;
import org.gatefold.tensor.Shape;
import org.gatefold.tensor.Tensor;

/** Variables that become parts of one, with their gradients. Belongs to the pass's thread. */
public final class Pieces {
    private final List<Variable> pieces = new ArrayList<>();
    private final List<Long> places = new ArrayList<>();
    private long elements;

    /** Adds a piece, which begins at an element of the whole. */
    public void add(Variable piece, long at) {
        pieces.add(piece);
        places.add(at);
        elements += piece.value().elements();
    }

    /** The whole, 0 where there is no piece. */
    public Variable join(Context context, String name, Lengths lengths, Shape shape) {
        boolean differentiable = false;
        for (Variable piece : pieces) {
            differentiable |= piece.requiresGradient();
        }
        Variable whole = context.output(name, differentiable, lengths, shape);
        if (elements < shape.elements()) {
            whole.value().fill(0f);
        }
        for (int i = 0; i < pieces.size(); i++) {
            part(whole.value(), i).copyFrom(pieces.get(i).value());
        }
        if (whole.requiresGradient()) {
            context.tape().record(whole, () -> {
                for (int i = 0; i < pieces.size(); i++) {
                    Variable piece = pieces.get(i);
                    if (piece.requiresGradient()) {
                        Tensor contribution = piece.contribution();
                        contribution.copyFrom(part(whole.gradient(), i));
                        piece.contributed(contribution);
                    }
                }
            });
        }
        return whole;
    }

    private Tensor part(Tensor whole, int i) {
        return whole.part("piece", places.get(i), pieces.get(i).shape());
    }
}
