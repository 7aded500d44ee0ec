using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Completion;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Host.Mef;
using Microsoft.CodeAnalysis.QuickInfo;
using Microsoft.CodeAnalysis.Text;

namespace Recipes.Notebook.Cells.Languages;

/// <summary>Completion and hover of C# cells: a workspace with a project a submission, made when first asked for.</summary>
internal sealed class CSharpCompletion
{
    internal static readonly CSharpParseOptions Parsing = new(LanguageVersion.Latest, kind: SourceCodeKind.Script);

    private readonly List<(string Code, IEnumerable<MetadataReference> References)> _waiting = [];
    private readonly Lock _gate = new();
    private AdhocWorkspace? _workspace;
    private ProjectId? _last;
    private int _count;

    /// <summary>A submission that ran: later cells see what it declares.</summary>
    public void Add(string code, IEnumerable<MetadataReference> references)
    {
        lock (_gate)
            _waiting.Add((code, references));
    }

    public Completions Complete(string code, int cursor, IEnumerable<MetadataReference> references, CancellationToken cancellation)
    {
        var document = Document(code, references);
        var service = CompletionService.GetService(document)!;
        var list = service.GetCompletionsAsync(document, cursor, cancellationToken: cancellation).GetAwaiter().GetResult();
        var typed = code[list.Span.Start..cursor];
        Completion[] items =
        [
            .. list
                .ItemsList.Where(i => i.FilterText.StartsWith(typed, StringComparison.OrdinalIgnoreCase))
                .Select(i => new Completion(i.DisplayText, Kind(i)))
                .DistinctBy(i => i.Text),
        ];
        return new Completions(list.Span.Start, Math.Max(cursor, list.Span.End), items);
    }

    public MimeBundle? Inspect(string code, int cursor, IEnumerable<MetadataReference> references, CancellationToken cancellation)
    {
        var document = Document(code, references);
        var service = QuickInfoService.GetService(document)!;
        // A front end asks with the cursor behind the name.
        var info =
            service.GetQuickInfoAsync(document, cursor, cancellation).GetAwaiter().GetResult()
            ?? (cursor > 0 ? service.GetQuickInfoAsync(document, cursor - 1, cancellation).GetAwaiter().GetResult() : null);
        return info is null ? null : MimeBundle.Text(string.Join("\n", info.Sections.Select(s => s.Text)));
    }

    private Document Document(string code, IEnumerable<MetadataReference> references)
    {
        lock (_gate)
        {
            _workspace ??= new AdhocWorkspace(MefHostServices.DefaultHost);
            var solution = _workspace.CurrentSolution;
            foreach (var (text, used) in _waiting)
                (solution, _last, _) = With(solution, text, used);
            _waiting.Clear();
            _workspace.TryApplyChanges(solution);
            // The cell that is being written is in no workspace: it is another one with every key.
            var (open, _, document) = With(_workspace.CurrentSolution, code, references);
            return open.GetDocument(document)!;
        }
    }

    private (Solution Solution, ProjectId Project, DocumentId Document) With(
        Solution solution,
        string code,
        IEnumerable<MetadataReference> references
    )
    {
        var project = ProjectId.CreateNewId();
        var document = DocumentId.CreateNewId(project);
        var name = $"cell{_count++}";
        var options = new CSharpCompilationOptions(
            OutputKind.DynamicallyLinkedLibrary,
            usings: CSharpLanguage.Imports,
            allowUnsafe: true,
            metadataReferenceResolver: new CellReferenceResolver()
        );
        var info = ProjectInfo.Create(
            project,
            VersionStamp.Default,
            name,
            name,
            LanguageNames.CSharp,
            compilationOptions: options,
            parseOptions: Parsing,
            projectReferences: _last is null ? [] : [new ProjectReference(_last)],
            metadataReferences: references,
            isSubmission: true
        );
        var text = DocumentInfo.Create(
            document,
            name + ".csx",
            sourceCodeKind: SourceCodeKind.Script,
            loader: TextLoader.From(TextAndVersion.Create(SourceText.From(code), VersionStamp.Default))
        );
        return (solution.AddProject(info).AddDocument(text), project, document);
    }

    /// <summary>Whether later cells can see anything of this one: variables, types, methods, usings, references.</summary>
    internal static bool Declares(string code)
    {
        var root = CSharpSyntaxTree.ParseText(code, Parsing).GetCompilationUnitRoot();
        return root.Usings.Count > 0
            || root.GetReferenceDirectives().Count > 0
            || root.GetLoadDirectives().Count > 0
            || root.Members.Any(m => m is not GlobalStatementSyntax)
            || root.DescendantNodes().OfType<SingleVariableDesignationSyntax>().Any();
    }

    private static string Kind(CompletionItem item) =>
        item.Tags.FirstOrDefault() switch
        {
            "Method" or "ExtensionMethod" => "function",
            "Class" or "Structure" or "Interface" or "Enum" or "Delegate" => "class",
            "Keyword" => "keyword",
            "Namespace" => "module",
            "Property" or "Field" or "Event" => "property",
            "Local" or "Parameter" or "RangeVariable" => "instance",
            _ => "text",
        };
}
