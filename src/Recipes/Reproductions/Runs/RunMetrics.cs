using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Recipes.Training;

namespace Recipes.Reproductions;

/// <summary>The run's <c>metrics.jsonl</c>: the rows of all trainings, each with its arm and seed.</summary>
public static class RunMetrics
{
    /// <summary>Gathers the trainings' rows into the run's file, atomically.</summary>
    public static void Collect(RunFolder folder, IEnumerable<(string Arm, long Seed)> trainings)
    {
        var text = new StringBuilder();
        foreach (var (arm, seed) in trainings)
        {
            var file = Path.Combine(folder.Arm(arm, seed), MetricsFile.Name);
            foreach (var line in File.Exists(file) ? File.ReadLines(file) : [])
            {
                var row = new JsonObject { ["arm"] = arm, ["seed"] = seed };
                foreach (var (key, value) in JsonNode.Parse(line)!.AsObject())
                    row[key] = value?.DeepClone();
                text.Append(row.ToJsonString(Compact)).Append('\n');
            }
        }
        AtomicFile.WriteText(folder[MetricsFile.Name], text.ToString());
    }

    private static readonly JsonSerializerOptions Compact = new(CanonicalJson.Options) { WriteIndented = false };
}
