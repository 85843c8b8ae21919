package org.gatefold.backend.cuda.cudnn;

import java.util.List;
import java.util.function.UnaryOperator;
import jcuda.driver.CUstream;
import org.gatefold.backend.cuda.PlantedDevices;
import org.gatefold.backend.cuda.driver.CudaContext;
import org.gatefold.backend.cuda.driver.CudaMemory;
import org.gatefold.backend.cuda.driver.PinnedCopies;
import org.gatefold.backend.cuda.kernel.KernelCache;
import org.gatefold.backend.cuda.kernel.KernelSources;
import org.gatefold.backend.cuda.kernel.Kernels;
import org.gatefold.backend.cuda.library.CudaLibraries;
import org.gatefold.device.Memory;
import org.gatefold.device.Operation;
import org.gatefold.op.Mode;
import org.gatefold.op.recurrent.Cell;

/**
 * For tests: CUDA devices that use cuDNN with a planted mistake, by the names {@code cudnn-mutant:SWAPPED_GATES} and so on.
 * Listed only while {@code -Dgatefold.mutants=true}.
 */
public final class CudnnMutantBackend extends PlantedDevices<CudnnMutantBackend.Mistake> {
    static final String PREFIX = "cudnn-mutant:";

    /** What is done wrong. */
    enum Mistake {
        NONE,
        SWAPPED_GATES,
        RECURRENT_WEIGHTS_FOR_INPUT_WEIGHTS,
        GRADIENTS_NOT_CLEARED,
        SMALL_WORKSPACE,
        SMALL_RESERVE,
        SWAPPED_LAST_STATES,
        FORGOTTEN_INITIAL_STATE,
        TRAINING_IN_INFERENCE_MODE,
        OUTPUT_FOR_INPUT,
        PROJECTION_OF_THE_OTHER_DIRECTION
    }

    /** Calls of cuDNN, one of them wrong. */
    private static final class MutantCalls extends CudnnCalls {
        private final Mistake mistake;

        MutantCalls(CudnnHandle handle, Mistake mistake) {
            super(handle);
            this.mistake = mistake;
        }

        @Override
        TempSpace tempSpace(CudnnRnn rnn, Mode mode, CudnnSequence input) {
            TempSpace right = super.tempSpace(rnn, mode, input);
            return switch (mistake) {
                case SMALL_WORKSPACE -> new TempSpace(right.work() / 2, right.reserve());
                case SMALL_RESERVE -> new TempSpace(right.work(), right.reserve() / 2);
                default -> right;
            };
        }

        @Override
        Params params(CudnnRnn rnn, Room weights, int set, int linear) {
            boolean projection = linear == 2 * Cell.LSTM.gates();
            if (projection && mistake == Mistake.PROJECTION_OF_THE_OTHER_DIRECTION) {
                return super.params(rnn, weights, 1 - set, linear);
            }
            // Of an LSTM: forget gate and candidate, or the two products of the input gate.
            return super.params(
                    rnn,
                    weights,
                    set,
                    switch (mistake) {
                        case SWAPPED_GATES -> linear == 1 || linear == 2 ? 3 - linear : linear;
                        case RECURRENT_WEIGHTS_FOR_INPUT_WEIGHTS -> linear == 0 || linear == 4 ? 4 - linear : linear;
                        default -> linear;
                    });
        }

        @Override
        void clear(CUstream stream, Room gradients) {
            if (mistake != Mistake.GRADIENTS_NOT_CLEARED) {
                super.clear(stream, gradients);
            }
        }

        @Override
        void forward(Pass pass, Mode mode, long x, long y, States initial, States last) {
            switch (mistake) {
                case SWAPPED_LAST_STATES -> super.forward(pass, mode, x, y, initial, new States(last.c(), last.h()));
                case FORGOTTEN_INITIAL_STATE -> super.forward(pass, mode, x, y, new States(0, initial.c()), last);
                case TRAINING_IN_INFERENCE_MODE -> super.forward(pass, Mode.INFERENCE, x, y, initial, last);
                default -> super.forward(pass, mode, x, y, initial, last);
            }
        }

        @Override
        void backwardWeights(Pass pass, long x, long y, long initialH, Room gradients) {
            super.backwardWeights(pass, mistake == Mistake.OUTPUT_FOR_INPUT ? y : x, y, initialH, gradients);
        }
    }

    public CudnnMutantBackend() {
        super(PREFIX, Mistake.class);
    }

    @Override
    public boolean available() {
        return super.available() && CudaLibraries.loadCudnn().isEmpty();
    }

    @Override
    protected Session open(String device, Mistake mistake) {
        return new MutantSession(device, mistake);
    }

    /** A device with nothing but recurrent layers by cuDNN. */
    private static final class MutantSession implements Session {
        private final CudaContext context = new CudaContext(0);
        private final PinnedCopies staging = new PinnedCopies(context);
        private final Kernels kernels =
                new Kernels(context, KernelCache.standard(), new KernelSources(UnaryOperator.identity()));
        private final CudnnHandle handle = new CudnnHandle(context);
        private final CudaMemory memory;
        private final CudnnRecurrent recurrent;

        MutantSession(String device, Mistake mistake) {
            this.memory = new CudaMemory(device, context, staging, staging.inOrder());
            this.recurrent = new CudnnRecurrent(
                    context, kernels, new MutantCalls(handle, mistake), CudnnAlgorithm.STANDARD, null);
        }

        @Override
        public Memory memory() {
            return memory;
        }

        @Override
        public String description() {
            return "planted mistake";
        }

        @Override
        public <O extends Operation> List<O> operations(Class<O> contract) {
            return contract.isInstance(recurrent) ? List.of(contract.cast(recurrent)) : List.of();
        }

        @Override
        public void synchronize() {
            context.synchronize();
        }

        @Override
        public void close() {
            handle.close();
            kernels.close();
            staging.close();
            context.close();
        }
    }
}
