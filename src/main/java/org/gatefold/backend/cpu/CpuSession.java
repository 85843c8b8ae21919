package org.gatefold.backend.cpu;

import java.util.List;
import java.util.Optional;
import org.gatefold.device.Backend;
import org.gatefold.device.Memory;
import org.gatefold.device.Operation;
import org.gatefold.tensor.Lifetime;

/** The native library's part in an open device. Owns the engine; every operation is complete when its call returns. */
final class CpuSession implements Backend.Session {
    private final Engine engine;
    private final Memory memory = new NativeMemory();
    private final List<Operation> operations;

    CpuSession(Engine engine) {
        this.engine = engine;
        this.operations = List.of(
                new CpuRecurrentOp(engine),
                new CpuLinearOp(engine),
                new CpuElementwiseOp(engine),
                new CpuSequenceOp(engine),
                new CpuSoftmaxOp(engine),
                new CpuEmbeddingOp(engine),
                new CpuAttentionOp(engine),
                new CpuConvolutionOp(engine),
                new CpuPoolingOp(engine),
                new CpuCrfOp(engine),
                new CpuNormOp(engine),
                new CpuLossOp(engine),
                new CpuCtcOp(engine),
                new CpuOptimizerOp(engine));
    }

    @Override
    public Memory memory() {
        return memory;
    }

    @Override
    public Optional<Lifetime> lifetime() {
        return Optional.of(engine.lifetime());
    }

    @Override
    public String description() {
        return engine.threads() + (engine.threads() == 1 ? " thread, " : " threads, ") + engine.isa();
    }

    @Override
    public <O extends Operation> List<O> operations(Class<O> contract) {
        return Operation.implementing(contract, operations);
    }

    @Override
    public void close() {
        engine.close();
    }
}
