using Recipes.Display;
using Recipes.Verbs;

namespace Recipes.Reports;

/// <summary>The report of a bench: table, chart, and the machine that it ran on.</summary>
public static class BenchReport
{
    /// <summary>The report of some evidence.</summary>
    public static HtmlReport Of(BenchEvidence evidence)
    {
        var models = string.Join(", ", evidence.Results.Select(r => r.Case.Name).Distinct(StringComparer.Ordinal));
        var report = new HtmlReport($"Bench of {models}", "Latency, throughput and memory, all cases measured in turn.")
            .Facts(MachineFacts.Current().Lines().Where(f => f.Label is not ("Peak memory" or "Threads")))
            .Fact("Threads", evidence.Threads)
            .Section("Latency", evidence.Chart)
            .Section("Numbers", evidence.Table);
        return evidence.Notes.Count == 0 ? report : report.Section("Left out", new Prose(string.Join('\n', evidence.Notes)));
    }
}
