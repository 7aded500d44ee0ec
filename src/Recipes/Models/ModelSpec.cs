using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Recipes.Data;
using Recipes.Display;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Recipes.Models;

/// <summary>The spec of a network with one tensor in and one out; part of a recipe's canonical JSON.</summary>
[TypeFormatterSource(typeof(DisplayFormatterSource))]
[JsonPolymorphic(TypeDiscriminatorPropertyName = "family")]
[JsonDerivedType(typeof(MobileOneSpec), "mobileone")]
[JsonDerivedType(typeof(FastVitSpec), "fastvit")]
[JsonDerivedType(typeof(MobileClipVitSpec), "mobileclip_vit")]
[JsonDerivedType(typeof(SiglipSpec), "siglip")]
[JsonDerivedType(typeof(ClipVisionSpec), "clip_vision")]
[JsonDerivedType(typeof(ResNetSpec), "resnet")]
[JsonDerivedType(typeof(PlainVitSpec), "vit")]
[JsonDerivedType(typeof(DenseNetworkSpec), "dense")]
public abstract record ModelSpec : NetworkSpec
{
    /// <summary>Number of classes, the width of the last layer.</summary>
    public int Classes { get; init; } = 1000;

    /// <summary>What the network's images go through before it sees them; null where no paper says.</summary>
    [JsonIgnore]
    public virtual ImagePreprocessing? Preprocessing => null;

    /// <summary>What the output is: <c>logits</c> of classes, or <c>features</c>.</summary>
    [JsonIgnore]
    public virtual string OutputName => "features";

    /// <inheritdoc/>
    public override Module<Tensor, Tensor> Build(long seed = 0) => (Module<Tensor, Tensor>)base.Build(seed);

    /// <summary>The spec with another number of classes.</summary>
    public ModelSpec WithClasses(int classes) => this with { Classes = classes };

    private protected override JsonNode Json() => CanonicalJson.Of(this);

    /// <inheritdoc/>
    protected sealed override Module CreateModule() => Create();

    /// <summary>The network as a part of a larger one, which has set the seed.</summary>
    internal Module<Tensor, Tensor> BuildPart() => Create();

    /// <summary>Builds the module with the framework's default initialisation.</summary>
    protected abstract Module<Tensor, Tensor> Create();
}
