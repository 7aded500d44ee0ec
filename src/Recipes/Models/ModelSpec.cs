using System.Text.Json.Serialization;
using Recipes.Display;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Recipes.Models;

/// <summary>
/// An immutable description from which a network is built; part of a recipe's canonical JSON. <see cref="Zoo"/> knows the
/// specs of the papers by their usual names.
/// </summary>
[TypeFormatterSource(typeof(DisplayFormatterSource))]
[JsonPolymorphic(TypeDiscriminatorPropertyName = "family")]
[JsonDerivedType(typeof(MobileOneSpec), "mobileone")]
public abstract record ModelSpec : IDisplay
{
    /// <summary>The usual name, for example <c>mobileone_s0</c>.</summary>
    public required string Name { get; init; }

    /// <summary>The resolution that the paper's numbers are for, in pixels.</summary>
    [JsonIgnore]
    public virtual int Resolution => 224;

    /// <summary>Number of classes, the width of the last layer.</summary>
    public int Classes { get; init; } = 1000;

    /// <summary>
    /// Builds the train-time form in training mode, float32, on the CPU. The weights come from the stream "init" of the seed,
    /// so equal seeds give equal weights.
    /// </summary>
    public Module<Tensor, Tensor> Build(long seed = 0)
    {
        manual_seed((long)(Rng.Stream(seed, "init").NextUInt64() >> 1));
        return Create();
    }

    /// <summary>The spec with another number of classes.</summary>
    public ModelSpec WithClasses(int classes) => this with { Classes = classes };

    /// <summary>The spec as a table. To see the network with its costs, see <see cref="ModelInfo"/> and <see cref="ModelTree"/>.</summary>
    public string ToHtml() => Show().ToHtml();

    /// <summary>The spec as a table of text.</summary>
    public sealed override string ToString() => Show().ToString();

    private JsonBlock Show() => new(CanonicalJson.Of(this), $"Model {Name}");

    /// <summary>Builds the module with the framework's default initialisation.</summary>
    protected abstract Module<Tensor, Tensor> Create();
}
