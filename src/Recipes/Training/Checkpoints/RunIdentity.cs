using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Recipes.Training;

/// <summary>Everything besides the model that decides a run's outcome, as JSON; two runs with equal identities are one run.</summary>
internal sealed record RunIdentity(JsonObject Json)
{
    public static JsonSerializerOptions Options { get; } =
        new()
        {
            PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
            NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
            Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
            Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
        };

    /// <summary>Sixteen hex digits.</summary>
    public string Hash => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Json.ToJsonString())).AsSpan(0, 8));

    public static RunIdentity Of(TrainPlan plan, IBatchSource train, IObjective objective, IReadOnlyList<ITrainingAlgorithm> algorithms) =>
        new(
            new JsonObject
            {
                ["plan"] = JsonSerializer.SerializeToNode(plan, Options),
                ["data"] = train.Name,
                ["batchesPerEpoch"] = train.BatchesPerEpoch,
                ["objective"] = objective.Name,
                ["algorithms"] = new JsonArray([.. algorithms.Select(a => (JsonNode)a.Name)]),
            }
        );

    /// <summary>One line for each value in which a checkpoint differs.</summary>
    public IEnumerable<string> Differences(JsonObject? checkpoint) => Compare("", checkpoint, Json);

    private static IEnumerable<string> Compare(string path, JsonNode? theirs, JsonNode? ours)
    {
        if (theirs is JsonObject a && ours is JsonObject b)
            return a.Select(p => p.Key)
                .Union(b.Select(p => p.Key), StringComparer.Ordinal)
                .SelectMany(key => Compare(path.Length == 0 ? key : $"{path}.{key}", a[key], b[key]));
        return JsonNode.DeepEquals(theirs, ours) ? [] : [$"{path}: checkpoint {Text(theirs)}, now {Text(ours)}"];
    }

    private static string Text(JsonNode? node) => node?.ToJsonString(Options) ?? "nothing";
}
