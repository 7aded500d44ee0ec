using System.Text.Json;
using Recipes.Models;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Recipes.Reproductions.Parity;

/// <summary>The networks of a golden of Forward Compatible Training: the transformation and an embedding network.</summary>
internal static class FctParity
{
    public static ParityReport Compare(string file, GoldenFile golden)
    {
        using var scope = NewDisposeScope();
        using var json = JsonDocument.Parse(File.ReadAllBytes(file));
        var checks = new List<ParityCheck>();
        checks.AddRange(Transformation(file, Section(json, golden, "transformation")));
        checks.AddRange(Backbone(file, Section(json, golden, "backbone")));
        return new ParityReport(file, checks) { Left = "losses, schedules and retrieval metrics are not compared by this version" };
    }

    private static List<ParityCheck> Transformation(string file, (GoldenFile Golden, JsonElement Config) section)
    {
        var spec = new FctTransformationSpec
        {
            Name = "transformation",
            Old = section.Config.GetProperty("old").GetInt32(),
            New = section.Config.GetProperty("new").GetInt32(),
            Side = section.Config.GetProperty("side").GetInt32(),
            Inner = section.Config.GetProperty("inner").GetInt32(),
        };
        var network = spec.Build();
        var inputs = section.Golden.Inputs;
        var batch = inputs[0].Sizes()[0];
        var subject = new ParitySubject(network, given => [("transformed", network.call(given[inputs[0].Name], given[inputs[1].Name]))])
        {
            Macs = new Dictionary<string, Func<Module, long>>(StringComparer.Ordinal)
            {
                [""] = m => batch * Models.Profile.Of(m, () => network.Towers[0].Run(0).Dispose()).Macs,
            },
        };
        return Named("transformation", ModelParity.Compare(file, section.Golden, subject));
    }

    private static List<ParityCheck> Backbone(string file, (GoldenFile Golden, JsonElement Config) section)
    {
        var classes = section.Config.GetProperty("num_classes").GetInt32();
        var spec = section.Config.GetProperty("arch").GetString() switch
        {
            "ResNet18" => ResNet.R18(classes),
            "ResNet50" => ResNet.R50(classes),
            "ResNet101" => ResNet.R101(classes),
            "WideResNet50_2" => ResNet.Wide50(classes),
            var other => throw new RecipesException($"{file}: the network '{other}' is not in this version."),
        };
        var network = (ResNet)
            (
                spec with
                {
                    Embedding = section.Config.GetProperty("embedding_dim").GetInt32(),
                    LastActivation = section.Config.GetProperty("last_nonlin").GetBoolean(),
                }
            ).Build();
        var input = section.Golden.Inputs[0];
        var subject = new ParitySubject(
            network,
            given =>
            {
                var embedding = network.Embed(given[input.Name]);
                return [("logits", network.Classify(embedding)), ("embedding", embedding.unsqueeze(-1).unsqueeze(-1))];
            }
        )
        {
            Macs = new Dictionary<string, Func<Module, long>>(StringComparer.Ordinal)
            {
                [""] = m => input.Sizes()[0] * ParitySubject.Count(m, input.Sizes()),
            },
        };
        return Named("backbone", ModelParity.Compare(file, section.Golden, subject));
    }

    private static (GoldenFile Golden, JsonElement Config) Section(JsonDocument json, GoldenFile golden, string name)
    {
        var section = json.RootElement.GetProperty(name);
        var file = section.Deserialize(GoldenJson.Default.GoldenFile)!;
        return (
            file with
            {
                Mode = golden.Mode,
                Init = file.Init is { Count: > 0 } own ? own : golden.Init,
                StateElements = file.StateDict.Sum(row => row[1].EnumerateArray().Aggregate(1L, (all, side) => all * side.GetInt64())),
            },
            section.GetProperty("config")
        );
    }

    private static List<ParityCheck> Named(string section, ParityReport report) =>
        [.. report.Checks.Select(c => c with { Name = $"{section}: {c.Name}" })];
}
