using Recipes.Layers;
using Recipes.Onnx;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Recipes.Models;

// A stack of layers under OpenAI's name resblocks: [B, T, D] to [B, T, D].
internal sealed class ClipTransformer : Module<Tensor, Tensor>, IOnnxLayer
{
    [ComponentName(Name = "resblocks")]
    private readonly Module<Tensor, Tensor> _blocks;

    public ClipTransformer(int layers, long width, long heads, bool causal, Activation activation)
        : base(nameof(ClipTransformer))
    {
        _blocks = Modules.Numbered(Enumerable.Range(0, layers).Select(_ => new ClipBlock(width, heads, causal, activation)));
        RegisterComponents();
    }

    public override Tensor forward(Tensor input) => _blocks.call(input);

    /// <inheritdoc/>
    public OnnxValue ToOnnx(OnnxGraph graph, OnnxValue input) => graph.Call(_blocks, input);
}
