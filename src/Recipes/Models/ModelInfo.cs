using System.Globalization;
using System.Text;
using Recipes.Display;
using Recipes.Layers;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Recipes.Models;

/// <summary>What <c>recipes model info</c> shows: cost train-time and folded, and each part's output shape and parameters.</summary>
[TypeFormatterSource(typeof(DisplayFormatterSource))]
public sealed record ModelInfo(string Name, int Resolution, Profile Train, Profile? Folded, IReadOnlyList<PartInfo> Parts) : IDisplay
{
    /// <summary>What the numbers are for.</summary>
    public string Input { get; init; } = Resolution == 0 ? "one sample" : $"{Resolution} x {Resolution}, one image";

    /// <summary>
    /// The costs of a spec. Networks of images are built and measured; of language models, which may be larger than memory, only the
    /// image encoder is, and the rest is computed from the spec.
    /// </summary>
    /// <param name="spec">The spec.</param>
    /// <param name="resolution">Pixels a side; the paper's when null.</param>
    /// <param name="tokens">Tokens of the prompt, for language models; the answer's first token is what is computed.</param>
    public static ModelInfo Of(NetworkSpec spec, int? resolution = null, int tokens = LanguageInfo.Prompt) =>
        spec switch
        {
            DecoderSpec decoder => LanguageInfo.Of(decoder, tokens),
            FastVlmSpec vlm => LanguageInfo.Of(vlm, resolution ?? vlm.Resolution, tokens),
            _ => Measured(spec, resolution ?? spec.Resolution),
        };

    private static ModelInfo Measured(NetworkSpec spec, int size)
    {
        using var model = spec.Build();
        model.eval();
        var (parts, train) = Measure(model, size);
        if (!Modules.Reparameterizable(model).Any())
            return new ModelInfo(spec.Name, size, train, null, parts);
        Modules.Fold(model);
        var (after, folded) = Measure(model, size);
        var parameters = after.ToDictionary(p => p.Name, p => p.Parameters, StringComparer.Ordinal);
        return new ModelInfo(spec.Name, size, train, folded, [.. parts.Select(p => p with { FoldedParameters = parameters[p.Name] })]);
    }

    private static (List<PartInfo> Parts, Profile Cost) Measure(Module model, int size) =>
        model switch
        {
            ITowers towers => (Each(towers, size), Profile.Of(model, () => towers.Run(size))),
            DenseNetwork dense => (Halves(dense, size), Profile.Of(dense, 3, size, size)),
            Module<Tensor, Tensor> one => (Children(one, size), Profile.Of(one, 3, size, size)),
            _ => throw new RecipesException($"{model.GetName()}: no rule says on what to run it."),
        };

    private static List<PartInfo> Each(ITowers towers, int size)
    {
        using var _ = inference_mode();
        return [.. towers.Towers.Select(t => new PartInfo(t.Name, t.Parameters, null, Shape(t)))];

        long[] Shape(Tower tower)
        {
            using var output = tower.Run(size);
            return output.shape;
        }
    }

    // The encoder with its coarsest map, the head with the prediction.
    private static List<PartInfo> Halves(DenseNetwork network, int size)
    {
        using var scope = NewDisposeScope();
        using var _ = inference_mode();
        var images = zeros(1, 3, size, size);
        var maps = ((IDenseBackbone)network.Backbone).Maps(images, network.Spec.Head.Taps);
        return [Part("backbone", network.Backbone, maps[^1]), Part("head", network.Head, network.call(images))];

        static PartInfo Part(string name, Module part, Tensor output) =>
            new(name, part.parameters().Sum(p => p.numel()), null, output.shape);
    }

    /// <summary>The table as text.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{Name}: {Input}\n\n");
        text.Append(CultureInfo.InvariantCulture, $"{"", -22}{"train-time", 16}{"folded", 16}\n");
        Row("parameters", p => p.Parameters);
        Row("buffers", p => p.Buffers);
        Row("MACs", p => p.Macs);
        Row("activations", p => p.Activations);
        Row("convolutions", p => p.Convolutions);
        Row("normalisations", p => p.Norms);
        text.Append(CultureInfo.InvariantCulture, $"\n{"part", -22}{"parameters", 16}{"folded", 16}  output\n");
        foreach (var part in Parts)
            text.Append(
                CultureInfo.InvariantCulture,
                $"{part.Name, -22}{part.Parameters, 16:N0}{part.FoldedParameters ?? part.Parameters, 16:N0}  [{string.Join(", ", part.Output)}]\n"
            );
        return text.ToString().TrimEnd();

        void Row(string name, Func<Profile, long> of)
        {
            if (of(Train) == 0) // nothing of the kind
                return;
            text.Append(
                CultureInfo.InvariantCulture,
                $"{name, -22}{of(Train), 16:N0}{(Folded is null ? "" : of(Folded).ToString("N0", CultureInfo.InvariantCulture)), 16}\n"
            );
        }
    }

    /// <summary>The same as HTML tables.</summary>
    public string ToHtml()
    {
        var cost = Folded is null ? Profile.Costs(("Train-time", Train)) : Profile.Costs(("Train-time", Train), ("Folded", Folded));
        var parts = Table.From(
            Parts,
            (Column.Text("Part"), p => p.Name),
            (Column.Number("Parameters"), p => p.Parameters),
            (Column.Number("Folded"), p => p.FoldedParameters ?? p.Parameters),
            (Column.Text("Output"), p => $"[{string.Join(", ", p.Output)}]")
        );
        return new Blocks(cost.Caption($"{Name}: {Input}"), parts).ToHtml();
    }

    private static List<PartInfo> Children(Module<Tensor, Tensor> model, int size)
    {
        using var scope = NewDisposeScope();
        using var _ = inference_mode();
        var parts = new List<PartInfo>();
        var hooks = new List<Action>();
        foreach (var (name, child) in model.named_children())
        {
            if (child is Module<Tensor, Tensor> part)
                hooks.Add(part.register_forward_hook((m, _, y) => Add(name, m, y)).remove);
        }
        model.call(zeros(1, 3, size, size));
        hooks.ForEach(remove => remove());
        return parts;

        Tensor Add(string name, Module part, Tensor output)
        {
            parts.Add(new PartInfo(name, part.parameters().Sum(p => p.numel()), null, output.shape));
            return output;
        }
    }
}

/// <summary>A direct child of a network.</summary>
public sealed record PartInfo(string Name, long Parameters, long? FoldedParameters, IReadOnlyList<long> Output);
