package org.gatefold.benchmarks.operations;

import java.util.List;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.gatefold.benchmarks.operations.LibTorchLayer.Layout;

/** Forward passes in libtorch, with Gatefold's names of weights. Stateless. */
final class Layers {
    static final float EPSILON = 1e-5f;

    private Layers() {}

    static Tensor embedding(Tensor ids, Weights w, boolean sparse) {
        return torch.embedding(w.get("w"), ids, -1, false, sparse);
    }

    static Tensor linear(Tensor x, Weights w, String name) {
        return torch.linear(x, w.get(name + "w"), new TensorOptional(w.get(name + "b")));
    }

    static Tensor conv1d(Tensor x, Weights w, long padding) {
        return torch.conv1d(
                x, w.get("w"), new TensorOptional(w.get("b")), new long[] {1}, new long[] {padding}, new long[] {1}, 1);
    }

    static Tensor conv2d(Tensor x, Weights w, long stride, long padding) {
        return torch.conv2d(
                x,
                w.get("w"),
                new TensorOptional(w.get("b")),
                new long[] {stride, stride},
                new long[] {padding, padding},
                new long[] {1, 1},
                1);
    }

    static Tensor maxPool2d(Tensor x) {
        return torch.max_pool2d(x, new long[] {2, 2}, new long[] {2, 2}, new long[] {0, 0}, new long[] {1, 1}, false);
    }

    static Tensor averagePool2d(Tensor x) {
        return torch.avg_pool2d(
                x, new long[] {2, 2}, new long[] {2, 2}, new long[] {0, 0}, false, true, new LongOptional());
    }

    static Tensor layerNorm(Tensor x, Weights w, String name) {
        return torch.layer_norm(
                x,
                new long[] {x.size(-1)},
                new TensorOptional(w.get(name + "gamma")),
                new TensorOptional(w.get(name + "beta")),
                EPSILON,
                true);
    }

    static Tensor batchNorm(Tensor x, Weights w, boolean training) {
        return torch.batch_norm(
                x,
                new TensorOptional(w.get("gamma")),
                new TensorOptional(w.get("beta")),
                new TensorOptional(w.get("mean")),
                new TensorOptional(w.get("variance")),
                training,
                0.1,
                EPSILON,
                false);
    }

    /** Attention of a sequence to itself, {@code [B, T, F]}, as one function. */
    static Tensor dot(Tensor x) {
        Tensor heads = x.unsqueeze(1);
        return attention(heads, heads, heads, new DoubleOptional(1.0)).squeeze(1);
    }

    /** The same as products. */
    static Tensor dotByProducts(Tensor x) {
        return torch.softmax(x.bmm(x.transpose(1, 2)), 2).bmm(x);
    }

    static Tensor additive(Tensor x, Weights w) {
        Tensor queries = torch.linear(x, w.get("query.w")).unsqueeze(2);
        Tensor keys = torch.linear(x, w.get("key.w")).unsqueeze(1);
        Tensor scores =
                torch.linear(queries.add(keys).tanh_(), w.get("score.w")).squeeze(-1);
        return torch.softmax(scores, 2).bmm(x);
    }

    /** Attention with several heads, the three maps as one product, {@code [B, T, F]}. */
    static Tensor multiHead(Tensor x, Weights w, String name, long heads) {
        Tensor maps = w.packed(name + "query.w", name + "key.w", name + "value.w");
        Tensor shifts = w.packed(name + "query.b", name + "key.b", name + "value.b");
        long batch = x.size(0);
        long steps = x.size(1);
        long size = x.size(2) / heads;
        Tensor all = torch.linear(x, maps, new TensorOptional(shifts))
                .view(batch, steps, 3, heads, size)
                .permute(2, 0, 3, 1, 4);
        Tensor y = attention(all.select(0, 0), all.select(0, 1), all.select(0, 2), new DoubleOptional())
                .transpose(1, 2)
                .reshape(batch, steps, heads * size);
        return linear(y, w, name + "output.");
    }

    private static Tensor attention(Tensor q, Tensor k, Tensor v, DoubleOptional scale) {
        return torch.scaled_dot_product_attention(q, k, v, new TensorOptional(), 0, false, scale, false);
    }

    static Tensor encoder(Tensor x, Weights w, long heads) {
        Tensor a = layerNorm(x.add(multiHead(x, w, "attention.", heads)), w, "norm1.");
        Tensor mapped = linear(linear(a, w, "linear1.").relu_(), w, "linear2.");
        return layerNorm(a.add(mapped), w, "norm2.");
    }

    static Row.Peer peer(String name, Layout layout, LibTorchLayer.Function function) {
        return new Row.Peer(name, like -> new LibTorchLayer((GatefoldLayer) like, layout, function));
    }

    /** Of images, in both orders in which libtorch keeps their numbers. */
    static List<Row.Peer> images(LibTorchLayer.Function function) {
        Layout channelsLast = new Layout(x -> x.dim() == 4 ? x.contiguous(torch.MemoryFormat.ChannelsLast) : x, x -> x);
        return List.of(peer("", Layout.SAME, function), peer("channels last", channelsLast, function));
    }
}
