package org.gatefold.benchmarks.libtorch;

import java.util.List;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Dispatcher;
import org.bytedeco.pytorch.GenericList;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.IValueVector;
import org.bytedeco.pytorch.OperatorHandle;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorType;
import org.bytedeco.pytorch.Type;
import org.bytedeco.pytorch.global.torch;
import org.gatefold.benchmarks.contract.TrainingStep;

/**
 * Adam as Python's {@code torch.optim.Adam(fused=True)} does it, several times as fast as the C++ library's class: one kernel for all of an
 * update, called by its name, as the headers do not declare it. Betas are those of {@link TrainingStep}. Freed with the scope of pointers
 * that it is made in; for one thread.
 */
public final class FusedAdam {
    private static final double USUAL_EPSILON = 1e-8;
    private static final Scalar ONE = new Scalar(1).retainReference();

    private final OperatorHandle kernel = Dispatcher.singleton().findSchemaOrThrow("aten::_fused_adam_", "");
    private final double rate;
    private final double epsilon;
    private final List<Tensor> weights;
    private final List<Tensor> steps;
    private final IValue values;
    private final IValue firstMoments;
    private final IValue secondMoments;
    private final IValue counts;
    private final IValue none = list(Stream.empty());

    /** With an epsilon of 1e-8. */
    public FusedAdam(List<Tensor> weights, double rate) {
        this(weights, rate, USUAL_EPSILON);
    }

    /** @param weights leaves, each of which has a gradient at every step */
    public FusedAdam(List<Tensor> weights, double rate, double epsilon) {
        this.weights = List.copyOf(weights);
        this.rate = rate;
        this.epsilon = epsilon;
        values = list(weights.stream().map(Tensor::detach));
        firstMoments = list(zeros());
        secondMoments = list(zeros());
        steps = weights.stream().map(weight -> torch.zeros(new long[0])).toList();
        counts = list(steps.stream());
    }

    private Stream<Tensor> zeros() {
        return weights.stream().map(weight -> torch.zeros_like(weight.detach()));
    }

    private static IValue list(Stream<Tensor> tensors) {
        GenericList list = new GenericList(new Type.TypePtr(TensorType.get()));
        tensors.forEach(tensor -> list.push_back(new IValue(tensor)));
        return new IValue(list);
    }

    /** Makes an update by the gradients. */
    public void step() {
        try (PointerScope pointers = new PointerScope()) {
            steps.forEach(step -> step.add_(ONE));
            IValueVector arguments = new IValueVector();
            arguments.push_back(values);
            arguments.push_back(list(weights.stream().map(Tensor::grad)));
            arguments.push_back(firstMoments);
            arguments.push_back(secondMoments);
            arguments.push_back(none);
            arguments.push_back(counts);
            for (double number : new double[] {rate, TrainingStep.BETA1, TrainingStep.BETA2, 0, epsilon}) {
                arguments.push_back(new IValue(number));
            }
            arguments.push_back(new IValue(false)); // AMSGrad
            arguments.push_back(new IValue(false)); // to maximise
            arguments.push_back(new IValue()); // no scale of gradients
            arguments.push_back(new IValue()); // nor whether they are finite
            kernel.callBoxed(arguments);
        }
    }
}
