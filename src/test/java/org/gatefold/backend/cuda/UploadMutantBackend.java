package org.gatefold.backend.cuda;

import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.gatefold.backend.cuda.kernel.KernelSources;
import org.gatefold.device.Copies;
import org.gatefold.device.Download;
import org.gatefold.device.Memory;
import org.gatefold.device.Operation;
import org.gatefold.device.UploadMemory;
import org.gatefold.tensor.Block;

/**
 * For tests: CUDA devices that forget to order copies with the work, by the names {@code upload:UNAWAITED} and so on.
 * Listed only while {@code -Dgatefold.mutants=true}.
 */
public final class UploadMutantBackend extends PlantedDevices<UploadMutantBackend.Mistake> {
    static final String PREFIX = "upload:";

    /** What is forgotten. */
    enum Mistake {
        NONE,
        /** Work does not wait for the upload that it reads. */
        UNAWAITED,
        /** An upload does not wait for the work that reads what it overwrites. */
        OVERWRITES_WHAT_IS_READ,
        /** The host does not wait for what it asked to be copied. */
        READS_TOO_SOON
    }

    public UploadMutantBackend() {
        super(PREFIX, Mistake.class);
    }

    @Override
    protected Session open(String device, Mistake mistake) {
        return new Forgetful(new CudaSession(device, 0, new KernelSources(UnaryOperator.identity())), mistake);
    }

    private record Forgetful(CudaSession inner, Mistake mistake) implements Session {
        @Override
        public Optional<UploadMemory> uploadMemory() {
            return inner.uploadMemory().map(memory -> new ForgetfulMemory(memory, mistake));
        }

        @Override
        public Optional<Download> download(int count) {
            return inner.download(count).map(download -> new ForgetfulDownload(download, mistake));
        }

        @Override
        public Memory memory() {
            return inner.memory();
        }

        @Override
        public Copies copies() {
            return inner.copies();
        }

        @Override
        public String description() {
            return inner.description();
        }

        @Override
        public <O extends Operation> List<O> operations(Class<O> contract) {
            return inner.operations(contract);
        }

        @Override
        public void synchronize() {
            inner.synchronize();
        }

        @Override
        public void close() {
            inner.close();
        }
    }

    private record ForgetfulDownload(Download inner, Mistake mistake) implements Download {
        @Override
        public void submit(Block source, long offset) {
            inner.submit(source, offset);
        }

        @Override
        public void await(float[] target) {
            if (mistake != Mistake.READS_TOO_SOON) {
                inner.await(target);
            }
        }

        @Override
        public void close() {
            inner.close();
        }
    }

    private record ForgetfulMemory(UploadMemory inner, Mistake mistake) implements UploadMemory {
        @Override
        public void send() {
            inner.send();
        }

        @Override
        public void ready() {
            if (mistake != Mistake.UNAWAITED) {
                inner.ready();
            }
        }

        @Override
        public void release() {
            if (mistake != Mistake.OVERWRITES_WHAT_IS_READ) {
                inner.release();
            }
        }

        @Override
        public String name() {
            return inner.name();
        }

        @Override
        public Block allocate(long bytes) {
            return inner.allocate(bytes);
        }

        @Override
        public void close() {
            inner.close();
        }
    }
}
