//! What the generated courses are about.

/// A subject of courses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Topic {
    /// Id; what judged queries name.
    pub id: &'static str,
    /// Category.
    pub category: &'static str,
    /// In English titles.
    pub english: &'static str,
    /// In Korean titles.
    pub korean: &'static str,
}

/// What a course looks at in its subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Aspect {
    /// Id; what judged queries name.
    pub id: &'static str,
    /// In English titles.
    pub english: &'static str,
    /// In Korean titles.
    pub korean: &'static str,
}

const fn topic(
    id: &'static str,
    category: &'static str,
    english: &'static str,
    korean: &'static str,
) -> Topic {
    Topic { id, category, english, korean }
}

const fn aspect(id: &'static str, english: &'static str, korean: &'static str) -> Aspect {
    Aspect { id, english, korean }
}

/// Subjects, the most frequent first.
pub const TOPICS: &[Topic] = &[
    topic("python", "development", "Python", "파이썬"),
    topic("javascript", "development", "JavaScript", "자바스크립트"),
    topic("typescript", "development", "TypeScript", "타입스크립트"),
    topic("react", "development", "React", "리액트"),
    topic("angular", "development", "Angular", "앵귤러"),
    topic("java", "development", "Java", "자바"),
    topic("kotlin", "development", "Kotlin", "코틀린"),
    topic("swift", "development", "Swift", "스위프트"),
    topic("rust", "development", "Rust", "러스트"),
    topic("golang", "development", "Golang", "고랭"),
    topic("cpp", "development", "C++", "씨플러스플러스"),
    topic("csharp", "development", "C#", "씨샵"),
    topic("django", "development", "Django", "장고"),
    topic("spring", "development", "Spring Boot", "스프링 부트"),
    topic("flutter", "development", "Flutter", "플러터"),
    topic("unity", "development", "Unity", "유니티"),
    topic("web-development", "development", "Web Development", "웹 개발"),
    topic("machine-learning", "data", "Machine Learning", "머신러닝"),
    topic("deep-learning", "data", "Deep Learning", "딥러닝"),
    topic("data-analysis", "data", "Data Analysis", "데이터 분석"),
    topic("sql", "data", "SQL Databases", "데이터베이스"),
    topic("statistics", "data", "Statistics", "통계학"),
    topic("tableau", "data", "Tableau", "태블로"),
    topic("excel", "data", "Excel", "엑셀"),
    topic("pandas", "data", "Pandas", "판다스"),
    topic("tensorflow", "data", "TensorFlow", "텐서플로"),
    topic("docker", "cloud", "Docker", "도커"),
    topic("kubernetes", "cloud", "Kubernetes", "쿠버네티스"),
    topic("aws", "cloud", "Amazon AWS", "아마존 클라우드"),
    topic("linux", "cloud", "Linux", "리눅스"),
    topic("networking", "cloud", "Computer Networking", "네트워크"),
    topic("hacking", "cloud", "Ethical Hacking", "모의해킹"),
    topic("photoshop", "design", "Photoshop", "포토샵"),
    topic("illustrator", "design", "Illustrator", "일러스트레이터"),
    topic("figma", "design", "Figma", "피그마"),
    topic("blender", "design", "Blender", "블렌더"),
    topic("user-experience", "design", "User Experience", "사용자 경험"),
    topic("marketing", "business", "Digital Marketing", "디지털 마케팅"),
    topic("project-management", "business", "Project Management", "프로젝트 관리"),
    topic("accounting", "business", "Accounting", "회계"),
    topic("entrepreneurship", "business", "Entrepreneurship", "창업"),
    topic("investing", "business", "Stock Investing", "주식 투자"),
    topic("photography", "lifestyle", "Photography", "사진 촬영"),
    topic("guitar", "lifestyle", "Guitar", "기타 연주"),
    topic("piano", "lifestyle", "Piano", "피아노"),
    topic("yoga", "lifestyle", "Yoga", "요가"),
    topic("cooking", "lifestyle", "Cooking", "요리"),
    topic("drawing", "lifestyle", "Drawing", "드로잉"),
    topic("calligraphy", "lifestyle", "Calligraphy", "캘리그라피"),
    topic("watercolor", "lifestyle", "Watercolor Painting", "수채화"),
    topic("english", "language", "English Conversation", "영어 회화"),
    topic("korean", "language", "Korean Language", "한국어"),
    topic("japanese", "language", "Japanese Language", "일본어"),
    topic("spanish", "language", "Spanish Language", "스페인어"),
];

/// Aspects.
pub const ASPECTS: &[Aspect] = &[
    aspect("interview", "Interview Preparation", "면접 준비"),
    aspect("testing", "Automated Testing", "자동화 테스트"),
    aspect("performance", "Performance Tuning", "성능 최적화"),
    aspect("security", "Security Essentials", "보안 기초"),
    aspect("patterns", "Design Patterns", "디자인 패턴"),
    aspect("workflow", "Professional Workflow", "실무 워크플로"),
    aspect("portfolio", "Portfolio Building", "포트폴리오 만들기"),
    aspect("troubleshooting", "Troubleshooting", "문제 해결"),
    aspect("certification", "Certification Exam", "자격증 시험"),
    aspect("storytelling", "Storytelling", "스토리텔링"),
];

/// Categories: id, English and Korean name.
pub const CATEGORIES: &[(&str, &str, &str)] = &[
    ("development", "Software Development", "개발"),
    ("data", "Data Science", "데이터 과학"),
    ("cloud", "Cloud and Operations", "클라우드"),
    ("design", "Design", "디자인"),
    ("business", "Business", "비즈니스"),
    ("lifestyle", "Lifestyle", "취미"),
    ("language", "Foreign Languages", "외국어"),
];
