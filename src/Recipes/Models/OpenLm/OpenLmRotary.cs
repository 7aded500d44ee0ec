using Recipes.Layers;
using TorchSharp;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Recipes.Models;

/// <summary>
/// The rotary angles of an OpenLM checkpoint, which each layer's state holds as <c>inv_freq</c>. What was loaded counts, so a
/// checkpoint of another base runs as it was trained.
/// </summary>
internal sealed class OpenLmRotary : Module
{
    [ComponentName(Name = "inv_freq")]
    private readonly Tensor _frequencies;

    private readonly OpenLmSpec _spec;

    public OpenLmRotary(OpenLmSpec spec)
        : base(nameof(OpenLmRotary))
    {
        _spec = spec;
        _frequencies = RotaryTable.Frequencies(spec.HeadWidth, spec.RotaryBase).DetachFromDisposeScope();
        register_buffer("inv_freq", _frequencies);
        RegisterComponents();
    }

    /// <summary><c>[D/2H]</c>. A module of 16-bit weights has rounded its own, which far positions do not forgive: then the spec's.</summary>
    public Tensor Frequencies
    {
        get
        {
            var held = get_buffer("inv_freq")!;
            return held.dtype is ScalarType.Float32 or ScalarType.Float64
                ? held.alias()
                : RotaryTable.Frequencies(_spec.HeadWidth, _spec.RotaryBase).to(held.device);
        }
    }
}
