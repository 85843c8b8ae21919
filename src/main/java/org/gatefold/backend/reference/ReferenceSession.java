package org.gatefold.backend.reference;

import java.util.List;
import org.gatefold.backend.reference.operation.ReferenceAttentionOp;
import org.gatefold.backend.reference.operation.ReferenceConvolutionOp;
import org.gatefold.backend.reference.operation.ReferenceCrfOp;
import org.gatefold.backend.reference.operation.ReferenceCtcOp;
import org.gatefold.backend.reference.operation.ReferenceElementwiseOp;
import org.gatefold.backend.reference.operation.ReferenceEmbeddingOp;
import org.gatefold.backend.reference.operation.ReferenceLinearOp;
import org.gatefold.backend.reference.operation.ReferenceLossOp;
import org.gatefold.backend.reference.operation.ReferenceNormOp;
import org.gatefold.backend.reference.operation.ReferenceOptimizerOp;
import org.gatefold.backend.reference.operation.ReferencePoolingOp;
import org.gatefold.backend.reference.operation.ReferenceSequenceOp;
import org.gatefold.backend.reference.operation.ReferenceSoftmaxOp;
import org.gatefold.backend.reference.recurrent.ReferenceRecurrentOp;
import org.gatefold.device.Backend;
import org.gatefold.device.Memory;
import org.gatefold.device.Operation;

/** The reference's part in an open device. Its operations run in the calling thread and are complete when they return. */
final class ReferenceSession implements Backend.Session {
    private static final List<Operation> OPERATIONS = List.of(
            new ReferenceRecurrentOp(),
            new ReferenceLinearOp(),
            new ReferenceElementwiseOp(),
            new ReferenceSequenceOp(),
            new ReferenceSoftmaxOp(),
            new ReferenceEmbeddingOp(),
            new ReferenceAttentionOp(),
            new ReferenceConvolutionOp(),
            new ReferencePoolingOp(),
            new ReferenceCrfOp(),
            new ReferenceNormOp(),
            new ReferenceLossOp(),
            new ReferenceCtcOp(),
            new ReferenceOptimizerOp());

    private final Memory memory = new HostMemory();
    private final String description;

    ReferenceSession(String description) {
        this.description = description;
    }

    @Override
    public Memory memory() {
        return memory;
    }

    @Override
    public String description() {
        return description;
    }

    @Override
    public <O extends Operation> List<O> operations(Class<O> contract) {
        return Operation.implementing(contract, OPERATIONS);
    }

    @Override
    public void close() {
        // Blocks belong to scopes; nothing else is held.
    }
}
